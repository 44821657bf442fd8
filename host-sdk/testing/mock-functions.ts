import type { HostFunctionContext } from '../../src/bridge/host-function.js';
import {
  defineHostFunction,
  type HostFunction,
  type HostFunctionOptions,
  type HostValueSpec,
  isHostFunction,
} from '../host-function.js';
import { type ResolvedHostFunctions, USER_NAMESPACE } from '../host-functions-option.js';
import type { ParamValues, ResultValue } from '../host-value-spec.js';
import type { HostFunctionRecord, Recorder } from './recorder.js';

/** Types of the parameters and of the result, as in `defineHostFunction`; or a real host function, whose types and schemas are taken. */
export type MockedFunctionOptions<P extends readonly HostValueSpec[], R extends HostValueSpec | 'void'> =
  | HostFunctionOptions<P, R>
  | HostFunction;

/**
 * A host function for a test: answers with a value, or by a function, which may be a mock of your test runner (`vi.fn()`).
 *
 * @example
 * mockHostFunction({ params: ['text'], result: 'text' }, 'always this')
 * mockHostFunction({ params: ['text'], result: 'text' }, vi.fn((key) => `value of ${key}`))
 * @throws ERR_OPTIONS for a wrong type
 */
export function mockHostFunction<
  const P extends readonly HostValueSpec[] = readonly [],
  const R extends HostValueSpec | 'void' = 'void',
>(
  types: MockedFunctionOptions<P, R>,
  answer?:
    | ((...args: [...ParamValues<P>, HostFunctionContext]) => ResultValue<R> | Promise<ResultValue<R>>)
    | Exclude<ResultValue<R>, (...args: never) => unknown>,
): HostFunction {
  const handler = typeof answer === 'function' ? answer : () => answer;
  if (!isHostFunction(types)) return defineHostFunction(types as HostFunctionOptions<P, R>, handler as never);
  // It may be a function for blocks, which a mock is not.
  const { raw: _, ...shape } = types;
  return Object.freeze({ ...shape, handler: handler as HostFunction['handler'] });
}

/** Which functions run at the moment: those that never end are a leak. */
export type RunningFunctions = Set<{ readonly name: string }>;

/** The same functions, whose calls are written down. */
export function recordedFunctions(
  functions: ResolvedHostFunctions,
  recorder: Recorder,
  running: RunningFunctions,
): Record<string, Record<string, HostFunction>> {
  const record = (namespace: string, name: string, definition: HostFunction): HostFunction =>
    Object.freeze({
      ...definition,
      handler: (...all: readonly unknown[]) => {
        const { callId } = all[all.length - 1] as HostFunctionContext;
        const shown = namespace === USER_NAMESPACE ? name : `${namespace} ${name}`;
        const entry = { name: shown, args: all.slice(0, -1), result: undefined, error: undefined };
        recorder.add('hostFunctionCalls', callId, entry);
        return answered(entry, () => definition.handler(...all), running);
      },
    });
  return Object.fromEntries(
    Object.entries(functions).map(([namespace, inner]) => [
      namespace,
      Object.fromEntries(Object.entries(inner).map(([name, one]) => [name, record(namespace, name, one)])),
    ]),
  );
}

async function answered(
  entry: { -readonly [Key in keyof HostFunctionRecord]: HostFunctionRecord[Key] },
  work: () => unknown,
  running: RunningFunctions,
): Promise<unknown> {
  running.add(entry);
  try {
    entry.result = await work();
    return entry.result;
  } catch (error) {
    entry.error = error;
    throw error;
  } finally {
    running.delete(entry);
  }
}
