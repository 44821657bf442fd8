import { readFile } from 'node:fs/promises';
import createPlugin, { type CallContext } from '@extism/extism';
import type { Guest, HttpAnswer, Surroundings } from './guest.js';

const PAGE = 65_536;

/** A guest on the bare SDK, of which more can be asked. */
export interface ExtismGuest extends Guest {
  memoryBytes(): number;
  readonly exports: WebAssembly.Instance['exports'];
}

export function wasmOf(name: string): Promise<Buffer> {
  return readFile(new URL(`../../guest-examples/${name}/${name}.wasm`, import.meta.url));
}

/** Opens an example on @extism/extism, in the foreground. */
export async function openOnExtism(name: string, around: Surroundings = {}): Promise<ExtismGuest> {
  const wasm = await wasmOf(name);
  const maxPages = around.memoryBytes === undefined ? undefined : Math.floor(around.memoryBytes / PAGE);
  let answer: HttpAnswer | undefined;
  let reported: string | undefined;
  const block = (context: CallContext, address: bigint) => context.read(address)?.text() ?? '';
  const plugin = await createPlugin(
    { wasm: [{ data: maxPages === undefined ? wasm : withMaximum(wasm, maxPages) }] },
    {
      config: { ...around.config },
      ...(maxPages === undefined ? {} : { memory: { maxPages } }),
      ...(around.log === undefined ? {} : { logger: loggerOf(around.log), logLevel: 'trace' as const }),
      functions: {
        'extism:host/user': {
          plugin_call(context: CallContext, plugin: bigint, fn: bigint, input: bigint): bigint {
            const output = around.pluginCall?.(
              block(context, plugin),
              block(context, fn),
              block(context, input),
            );
            return output === undefined ? 0n : context.store(output);
          },
        },
        'extism:host/env': {
          // On a trap the SDK drops what the guest reported, so it is noted here.
          error_set(context: CallContext, address: bigint): void {
            reported = block(context, address);
            context.setError(reported);
          },
          http_request(context: CallContext, request: bigint): bigint {
            answer = around.http?.(JSON.parse(block(context, request)));
            return answer === undefined ? 0n : context.store(answer.body);
          },
          http_status_code: (): number => answer?.status ?? 0,
          http_headers: (context: CallContext): bigint =>
            answer?.headers === undefined ? 0n : context.store(JSON.stringify(answer.headers)),
        },
      },
    },
  );
  const { exports } = await plugin.getInstance();
  return {
    exports,
    memoryBytes: () => (exports.memory as WebAssembly.Memory).buffer.byteLength,
    async call(fn, input) {
      reported = undefined;
      try {
        return (await plugin.call(fn, input))?.text() ?? '';
      } catch (error) {
        throw reported === undefined ? error : new Error(reported, { cause: error });
      }
    },
    close: () => plugin.close(),
  };
}

/**
 * An answer to `plugin_call` from another example. The SDK runs a guest in the foreground before its promise settles,
 * so that the output is there as soon as it is set.
 */
export async function answerWith(
  name: string,
): Promise<(plugin: string, fn: string, input: string) => string> {
  let output = '';
  const plugin = await createPlugin(
    { wasm: [{ data: await wasmOf(name) }] },
    {
      functions: {
        'extism:host/env': {
          output_set(context: CallContext, address: bigint): void {
            output = context.read(address)?.text() ?? '';
          },
        },
      },
    },
  );
  return (_, fn, input) => {
    output = '';
    void plugin.call(fn, input);
    return output;
  };
}

function loggerOf(log: NonNullable<Surroundings['log']>): Console {
  const levels = ['trace', 'debug', 'info', 'warn', 'error'] as const;
  return Object.fromEntries(
    levels.map((level) => [level, (text: string) => log(level, text)]),
  ) as unknown as Console;
}

/** The module with a maximum for its memory, which has none so far. */
function withMaximum(wasm: Uint8Array, maxPages: number): Uint8Array {
  const [size, from] = leb(wasm, memorySection(wasm) + 1);
  const [count, limits] = leb(wasm, from);
  if (count !== 1 || wasm[limits] !== 0) throw new Error('expected one memory without a maximum');
  const [minimum, end] = leb(wasm, limits + 1);
  const section = [1, 1, ...unsigned(minimum), ...unsigned(maxPages)];
  if (end !== from + size) throw new Error('expected nothing after the memory');
  return Buffer.concat([
    wasm.subarray(0, memorySection(wasm) + 1),
    Buffer.from([...unsigned(section.length), ...section]),
    wasm.subarray(end),
  ]);
}

function memorySection(wasm: Uint8Array): number {
  let at = 8;
  while (at < wasm.length && wasm[at] !== 5) {
    const [size, from] = leb(wasm, at + 1);
    at = from + size;
  }
  return at;
}

function leb(wasm: Uint8Array, at: number): [value: number, after: number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = wasm[at++] ?? 0;
    value |= (byte & 127) << shift;
    if (byte < 128) return [value, at];
  }
}

function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >> 7)];
}
