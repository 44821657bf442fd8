import { KERNEL_BYTES } from './kernel-bytes.js';
import { KERNEL64_BYTES } from './kernel64-bytes.js';

/** State words of the kernel's memory, as indices of 32 bits. */
const OUTPUT_OFFSET = 2;
const OUTPUT_LENGTH = 3;
const ERROR_OFFSET = 4;

/** Where the guest handed the kernel an address that is not its own. */
export type KernelFault = 'load' | 'store' | 'input' | 'output' | 'error';
const FAULTS: readonly KernelFault[] = ['load', 'store', 'input', 'output', 'error'];

/** The functions of `extism:host/env` that never leave WebAssembly. */
export const KERNEL_FUNCTIONS = [
  'alloc',
  'free',
  'length',
  'length_unsafe',
  'load_u8',
  'load_u64',
  'store_u8',
  'store_u64',
  'input_offset',
  'input_length',
  'input_load_u8',
  'input_load_u64',
  'output_set',
  'error_set',
  'error_get',
] as const;

/** What the kernel needs of its sandbox. */
export interface KernelHost {
  /** May the kernel's memory grow by so many pages of 64 KiB? */
  mayGrow(pages: number): boolean;
  /** A bad pointer. Must not return. */
  fault(kind: KernelFault, address: bigint): never;
  /** Called now and then while the kernel works for a guest that may have to be stopped. */
  tick(): void;
}

interface KernelExports {
  trap(): never;
  reset(): void;
  wipe(): void;
  pages(): number;
  input_reserve(length: number): number;
  input_resize(length: number): void;
  host_alloc(length: number): number;
  host_push(length: number): number;
  host_top(): number;
  block_length(offset: bigint): bigint;
}

/**
 * Compiles the kernel; once a process is enough, and the module can be posted to threads.
 *
 * @param bits of its memory's addresses. Both do the same. 64 are not there before Node 24
 */
export function compileKernel(bits: 32 | 64 = 32): WebAssembly.Module {
  return new WebAssembly.Module(bits === 64 ? KERNEL64_BYTES : KERNEL_BYTES);
}

/** Is it the kernel for a memory of 64 bits? */
export function isKernel64(module: WebAssembly.Module): boolean {
  let is64 = known.get(module);
  if (is64 === undefined) {
    is64 = WebAssembly.Module.imports(module).some(({ name }) => name === 'memory64');
    known.set(module, is64);
  }
  return is64;
}

const known = new WeakMap<WebAssembly.Module, boolean>();

let shared: WebAssembly.Module | undefined;

/** The same for a memory that the host's thread reads while the guest waits; compiled once a thread. */
export function sharedKernel(): WebAssembly.Module {
  if (shared) return shared;
  // The import of a memory with a maximum of 65 536 pages, and where its limits say "shared".
  const at = Buffer.from(KERNEL_BYTES).indexOf(Buffer.from([2, 1, 1, 0x80, 0x80, 4]));
  const bytes = KERNEL_BYTES.slice();
  bytes[at + 1] = 3;
  shared = new WebAssembly.Module(bytes);
  return shared;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Whom a kernel answers that belongs to no guest: whatever is asked of it ends in a trap. */
const NOBODY = {
  mayGrow: () => false,
  fault(): never {
    throw new Error('A kernel without a guest was used.');
  },
  tick(): never {
    throw new Error('A kernel without a guest was used.');
  },
};

/**
 * The memory that a guest and its host exchange blocks through: Extism's guest ABI, see `kernel.wat`. One kernel
 * belongs to one guest instance at a time and serves one call at a time.
 */
export class Kernel {
  /** What the guest imports; each carries a `bind` that returns itself, so that Extism links it as it is. */
  readonly functions: Readonly<Record<string, CallableFunction>>;
  /** What it was made with. */
  readonly isShared: boolean;
  readonly maxPages: number;
  readonly #exports: KernelExports;
  readonly #memory: WebAssembly.Memory;
  #words: Int32Array;
  #host: KernelHost = NOBODY;

  constructor(module: WebAssembly.Module, host: KernelHost, maxPages: number) {
    this.#host = host;
    this.isShared = module === shared;
    this.maxPages = maxPages;
    const maximum = Math.max(1, Math.min(65_536, maxPages));
    this.#memory = isKernel64(module)
      ? openMemory64(1, maximum)
      : new WebAssembly.Memory({ initial: 1, maximum, shared: this.isShared });
    const instance = new WebAssembly.Instance(module, {
      host: {
        memory: this.#memory,
        memory64: this.#memory,
        may_grow: (pages: number) => (this.#host.mayGrow(pages) ? 1 : 0),
        fault: (kind: number, address: bigint) =>
          this.#host.fault(FAULTS[kind - 1]!, BigInt.asUintN(64, address)),
        tick: () => this.#host.tick(),
      },
    });
    this.#exports = instance.exports as unknown as KernelExports;
    this.#words = new Int32Array(this.#memory.buffer, 0, 8);
    this.functions = Object.freeze(
      Object.fromEntries(
        KERNEL_FUNCTIONS.map((name) => [name, linkable(instance.exports[name] as CallableFunction)]),
      ),
    );
  }

  /** Bytes of the kernel's own memory. */
  get memoryBytes(): number {
    return this.#exports.pages() * 65_536;
  }

  /**
   * Its guest is gone for good and never runs again: wiped, so that another can have it. False where it is not worth
   * keeping, because it has grown, was wiped before, or the host's thread may still look into it.
   */
  wipe(): boolean {
    if (this.#host === NOBODY) return false;
    this.#host = NOBODY;
    if (this.#exports.pages() > 1 || this.isShared) return false;
    this.#exports.wipe();
    return true;
  }

  /** Serves this guest from now on. The kernel has been wiped. */
  serve(host: KernelHost): void {
    this.#host = host;
  }

  /** Forgets all blocks; the next call starts clean. */
  reset(): void {
    this.#exports.reset();
  }

  /** Ends the guest that is running, by a trap: a guest can catch exceptions of JavaScript, never this. */
  trap(): never {
    return this.#exports.trap();
  }

  /** Makes `input` the input of the next call. False where the memory limit leaves no room. */
  setInput(input: Uint8Array | string): boolean {
    const room = typeof input === 'string' ? input.length * 3 : input.byteLength;
    const offset = this.#exports.input_reserve(room) >>> 0;
    if (offset === 0) return false;
    if (typeof input === 'string') {
      const { written } = encoder.encodeInto(input, new Uint8Array(this.#memory.buffer, offset, room));
      this.#exports.input_resize(written);
    } else {
      new Uint8Array(this.#memory.buffer, offset, room).set(input);
    }
    return true;
  }

  /** Bytes that the guest set as its output, without copying them. */
  get outputLength(): number {
    return this.#state()[OUTPUT_LENGTH]! >>> 0;
  }

  /** Did the guest set an output, be it an empty one? */
  get hasOutput(): boolean {
    return this.#state()[OUTPUT_OFFSET] !== 0;
  }

  /** The output where it is, in the kernel's memory: to be copied before a guest runs again. */
  get output(): Uint8Array {
    const words = this.#state();
    return new Uint8Array(this.#memory.buffer, words[OUTPUT_OFFSET]! >>> 0, words[OUTPUT_LENGTH]! >>> 0);
  }

  /** The error text that the guest set, at most `maxBytes` of it; undefined where it set none. */
  errorText(maxBytes: number): string | undefined {
    const offset = this.#state()[ERROR_OFFSET]! >>> 0;
    return offset === 0 ? undefined : this.readText(BigInt(offset), maxBytes);
  }

  /** Length of a block, or -1 where `offset` is none. */
  blockLength(offset: bigint): number {
    return Number(this.#exports.block_length(offset));
  }

  /** A copy of a block, at most `maxBytes` of it; undefined where `offset` is none. */
  readBytes(offset: bigint, maxBytes: number): Uint8Array<ArrayBuffer> | undefined {
    const length = this.blockLength(offset);
    if (length < 0) return undefined;
    return this.#copy(Number(offset), Math.min(length, maxBytes));
  }

  /** A block as UTF-8, at most `maxBytes` of it; undefined where `offset` is none. */
  readText(offset: bigint, maxBytes: number): string | undefined {
    const length = this.blockLength(offset);
    if (length < 0) return undefined;
    return decoder.decode(new Uint8Array(this.#memory.buffer, Number(offset), Math.min(length, maxBytes)));
  }

  /** A new block with these bytes. 0 where the memory limit leaves no room. */
  store(value: Uint8Array | string): bigint {
    const bytes = typeof value === 'string' ? encoder.encode(value) : value;
    const offset = this.#exports.host_alloc(bytes.byteLength) >>> 0;
    if (offset !== 0) new Uint8Array(this.#memory.buffer, offset, bytes.byteLength).set(bytes);
    return BigInt(offset);
  }

  /** For a host that reads while the guest waits: all of the memory, where it is a shared one. */
  get sharedBuffer(): SharedArrayBuffer {
    return this.#memory.buffer as ArrayBufferLike as SharedArrayBuffer;
  }

  /** Where the next block goes that {@link push} makes, less its header of 16 bytes. */
  get top(): number {
    return this.#exports.host_top() >>> 0;
  }

  /** A new block behind all others. 0 where the memory limit leaves no room. */
  push(bytes: Uint8Array): number {
    const offset = this.#exports.host_push(bytes.byteLength) >>> 0;
    if (offset !== 0) new Uint8Array(this.#memory.buffer, offset, bytes.byteLength).set(bytes);
    return offset;
  }

  /** Makes a block the error text, as the guest could. */
  setError(offset: bigint): void {
    this.#state()[ERROR_OFFSET] = Number(offset);
  }

  #copy(offset: number, length: number): Uint8Array<ArrayBuffer> {
    // Not the buffer's own slice: that of a shared one is shared.
    return new Uint8Array(this.#memory.buffer, offset, length).slice();
  }

  #state(): Int32Array {
    if (this.#words.byteLength === 0) this.#words = new Int32Array(this.#memory.buffer, 0, 8);
    return this.#words;
  }
}

/** A memory whose addresses have 64 bits, of so many pages. */
export function openMemory64(initial: number, maximum: number): WebAssembly.Memory {
  const descriptor = { address: 'i64', initial: BigInt(initial), maximum: BigInt(maximum) };
  return new WebAssembly.Memory(descriptor as never);
}

// Extism binds every host function to its call context, which would put JavaScript between guest and kernel. A
// function whose own `bind` returns itself is linked as it is (measured: 0.9 µs an echo instead of 3.2 µs).
export function linkable<F extends CallableFunction>(fn: F): F {
  return Object.defineProperty(fn, 'bind', { value: itself });
}

// One for all: an instance has some thirty of these functions.
function itself(this: unknown): unknown {
  return this;
}
