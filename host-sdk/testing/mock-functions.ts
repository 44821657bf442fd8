import type { HostFunctionContext } from '../../src/bridge/host-function.js';
import {
  defineHostFunction,
  type HostFunction,
  type HostFunctionOptions,
  type HostValues,
  type HostValueType,
  type ResultValue,
} from '../host-function.js';
import { type ResolvedHostFunctions, USER_NAMESPACE } from '../host-functions-option.js';
import type { HostFunctionRecord, Recorder } from './recorder.js';

/** Types of the parameters and of the result, as in `defineHostFunction`; or a real host function, whose types are taken. */
export type MockedFunctionOptions<P extends readonly HostValueType[], R extends HostValueType | 'void'> =
  | HostFunctionOptions<P, R>
  | HostFunction;

type Args<P extends readonly HostValueType[]> = { [I in keyof P]: HostValues[P[I]] };

/**
 * A host function for a test: answers with a value, or by a function, which may be a mock of your test runner (`vi.fn()`).
 *
 * @example
 * mockHostFunction({ params: ['text'], result: 'text' }, 'always this')
 * mockHostFunction({ params: ['text'], result: 'text' }, vi.fn((key) => `value of ${key}`))
 * @throws ERR_OPTIONS for a wrong type
 */
export function mockHostFunction<
  const P extends readonly HostValueType[] = readonly [],
  const R extends HostValueType | 'void' = 'void',
>(
  types: MockedFunctionOptions<P, R>,
  answer?:
    | ((...args: [...Args<P>, HostFunctionContext]) => ResultValue<R> | Promise<ResultValue<R>>)
    | Exclude<ResultValue<R>, (...args: never) => unknown>,
): HostFunction {
  const handler = typeof answer === 'function' ? answer : () => answer;
  const shape = isHostFunction(types) ? { params: types.params, result: types.result } : types;
  return defineHostFunction(shape as HostFunctionOptions<P, R>, handler as never);
}

function isHostFunction(types: object | undefined): types is HostFunction {
  return (
    typeof types === 'object' && types !== null && (types as { kind?: unknown }).kind === 'host-function'
  );
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
