import { CordonError } from '../errors/cordon-error.js';
import { HOST_FUNCTION_CHANNEL, traced } from '../events/channels.js';
import type { ViolationKind } from '../events/violation-event.js';
import type { Answer, Ask, Failure } from '../sandbox/protocol.js';
import { sharedNow } from '../sandbox/shared-clock.js';
import type { Capabilities, GuestCall } from './guest-call.js';
import { runHostFunction } from './host-function.js';
import { sleep } from './sleep.js';

/**
 * Answers what a guest asks, by the capability that it asks for: at once where that can, as a guest's thread waits. Never
 * throws or rejects: whatever goes wrong is an answer, and ends that call alone. `onRefusal` gets the error as it was,
 * with its cause, which cannot travel to the thread.
 */
export function dispatch(
  ask: Ask,
  capabilities: Capabilities,
  call: GuestCall,
  onRefusal: (error: unknown) => void,
): Answer | Promise<Answer> {
  const refuse = (error: unknown): Answer => {
    onRefusal(error);
    return { ok: false, failure: toFailure(error) };
  };
  try {
    const value = serve(ask, capabilities, call);
    return value instanceof Promise ? value.then(answerOf, refuse) : answerOf(value);
  } catch (error) {
    return refuse(error);
  }
}

function answerOf(value: unknown): Answer {
  return { ok: true, value };
}

/** The value, or a promise of it. */
function serve(ask: Ask, capabilities: Capabilities, call: GuestCall): unknown {
  switch (ask.kind) {
    case 'http':
      return capabilities.http(ask.request, ask.body, call);
    case 'sleep':
      return sleep(ask.ms, call.signal);
    case 'audit':
      return capabilities.audit?.(ask, call);
    case 'plugin-call':
      return capabilities.callPlugin(ask.plugin, ask.fn, ask.input, call);
    case 'raw-function': {
      const { definition } = capabilities.hostFunctions[ask.index]!;
      return definition.raw!(ask, definition.result, call);
    }
    case 'host-function': {
      const { name, definition } = capabilities.hostFunctions[ask.index]!;
      capabilities.onHostFunction?.(name, call);
      const { plugin, version, fn, context, deadline, callId, tenant } = call;
      const told = {
        // Field by field: what else the call carries is Cordon's own.
        ...{ plugin, version, fn, context, deadline: byTheWallClock(deadline) },
        // Made when it is asked for: most functions are done at once.
        get signal() {
          return call.signal;
        },
        ...(callId !== undefined && { callId }),
        ...(tenant !== undefined && { tenant }),
      };
      const run = () => runHostFunction(name, definition, ask.args, told);
      if (!HOST_FUNCTION_CHANNEL.hasSubscribers) return run();
      return traced(
        HOST_FUNCTION_CHANNEL,
        () => ({ host: call.host ?? call, plugin, version, name, call: call.trace, callId }),
        async () => {
          try {
            return await run();
          } catch (error) {
            throw capabilities.masked(error);
          }
        },
      );
    }
  }
}

/** The sandbox's clock begins with the process, and the wall clock is set now and then: over months they go apart. */
function byTheWallClock(deadline: number): number {
  return Date.now() + (deadline - sharedNow());
}

/** An error as it travels to the thread and back. `details.violation` of a refusal becomes the failure's violation. */
export function toFailure(error: unknown): Failure {
  if (error instanceof CordonError) {
    const { violation, ...details } = error.details;
    return {
      code: error.code,
      message: error.message,
      details: cloneable(details),
      ...(violation !== undefined && { violation: violation as ViolationKind }),
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'ERR_HOST_FUNCTION', message: `The host failed to serve the guest: ${message}` };
}

/** Details may hold anything; what cannot be cloned does not travel. */
function cloneable(details: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  try {
    return structuredClone(details);
  } catch {
    return Object.fromEntries(
      Object.entries(details).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value)),
    );
  }
}
