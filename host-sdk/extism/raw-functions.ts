import { AsyncLocalStorage } from 'node:async_hooks';
import type { GuestCall } from '../../src/bridge/guest-call.js';
import type { HostFunction, RawHandler } from '../../src/bridge/host-function.js';
import { cordonError } from '../../src/errors/cordon-error.js';
import type { AskOrigin } from '../../src/runtime/ask-origin.js';
import type { ParentCall } from '../../src/runtime/plugin-call.js';
import type { HostValueType } from '../../src/sandbox/host-value.js';
import type { Vars } from '../../src/sandbox/protocol.js';
import { CallContext } from './call-context.js';
import type { SdkFunctions, SdkLogger } from './options.js';

/** The guest's call in which a host function runs: what that function calls runs inside of it. */
export interface RunningFunction {
  readonly parent: ParentCall;
  readonly signal: AbortSignal;
  /** Not returned yet: its guest waits. */
  active: boolean;
}

/** Which host function the running code belongs to. */
export const runningFunction: AsyncLocalStorage<RunningFunction> = new AsyncLocalStorage();

/** What a host function threw, whatever it is. */
export class ThrownByFunction extends Error {
  readonly thrown: unknown;

  constructor(thrown: unknown) {
    super(thrown instanceof Error ? thrown.message : String(thrown));
    this.thrown = thrown;
  }
}

/** What the host functions of one plugin share. */
export interface FunctionHost {
  readonly logger: SdkLogger;
  readonly varBytes: number;
  readonly vars: () => Vars;
}

type Functions = Record<string, Record<string, HostFunction>>;

/** The SDK's functions as Cordon's: each gets a context, and its arguments as the guest gave them. */
export function rawFunctions(given: SdkFunctions, host: FunctionHost): Functions {
  const functions: Functions = Object.create(null);
  for (const [namespace, members] of Object.entries(given)) {
    functions[namespace] = Object.create(null) as Record<string, HostFunction>;
    for (const [name, fn] of Object.entries(members)) {
      functions[namespace][name] = {
        ...{ kind: 'host-function', params: [], result: 'void', handler: () => {} },
        raw: handlerOf(name, fn, host),
      };
    }
  }
  return functions;
}

function handlerOf(name: string, fn: SdkFunctions[string][string], host: FunctionHost): RawHandler {
  return async (ask, type, call) => {
    const { context: hostContext, signal } = call;
    const { logger, varBytes, vars } = host;
    const context = new CallContext({ ask, hostContext, logger, varBytes, committedVars: vars, signal });
    const running = { parent: (call as GuestCall as AskOrigin).parent, signal, active: true };
    try {
      const result = await runningFunction.run(running, () => fn(context, ...ask.args));
      return context.end(toWasm(result, type));
    } catch (thrown) {
      context.end(undefined);
      const cause = new ThrownByFunction(thrown);
      throw cordonError('ERR_HOST_FUNCTION', `The host function "${name}" failed: ${cause.message}`, {
        cause,
      });
    } finally {
      running.active = false;
    }
  };
}

/** As WebAssembly takes what JavaScript returns; whole numbers go for 64 bits as well. */
function toWasm(value: unknown, type: HostValueType | 'void'): unknown {
  if (type === 'void') return undefined;
  if (type !== 'i64') return Number(value as number);
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean' || Number.isSafeInteger(value)) return BigInt(value as number);
  throw new TypeError(`Cannot convert ${String(value)} to a BigInt`);
}
