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

export type KernelFunction = (typeof KERNEL_FUNCTIONS)[number];

/** What the host asks of the kernel, by its number in `host` of `kernel.wat`. */
const HOST = {
  trap: 0,
  reset: 1,
  wipe: 2,
  pages: 3,
  inputReserve: 4,
  inputResize: 5,
  alloc: 6,
  push: 7,
  top: 8,
  blockLength: 9,
} as const;

/** What the kernel needs of its sandbox. */
export interface KernelHost {
  /** May the kernel's memory grow by so many pages of 64 KiB? */
  mayGrow(pages: number): boolean;
  /** A bad pointer. Must not return. */
  fault(kind: KernelFault, address: bigint): never;
  /** Called now and then while the kernel works for a guest that may have to be stopped. */
  tick(): void;
}

/**
 * Compiles the kernel with all of its functions; once a process is enough, and the module can be posted to threads.
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
  readonly module: WebAssembly.Module;
  readonly isShared: boolean;
  readonly maxPages: number;
  /** Does what `HOST` has a number for. */
  readonly #do: (what: number, value: number) => number;
  readonly #memory: WebAssembly.Memory;
  #words: Int32Array;
  #host: KernelHost = NOBODY;

  /**
   * @param isShared whether its memory is, which the module has to be made for
   * @param names the functions that the module exports for guests
   */
  constructor(
    module: WebAssembly.Module,
    host: KernelHost,
    maxPages: number,
    isShared = false,
    names: readonly KernelFunction[] = KERNEL_FUNCTIONS,
  ) {
    this.#host = host;
    this.module = module;
    this.isShared = isShared;
    this.maxPages = maxPages;
    const maximum = Math.max(1, Math.min(65_536, maxPages));
    this.#memory = isKernel64(module)
      ? openMemory64(1, maximum)
      : new WebAssembly.Memory({ initial: 1, maximum, shared: this.isShared });
    const { exports } = new WebAssembly.Instance(module, {
      host: {
        memory: this.#memory,
        memory64: this.#memory,
        may_grow: (pages: number) => (this.#host.mayGrow(pages) ? 1 : 0),
        fault: (kind: number, address: bigint) =>
          this.#host.fault(FAULTS[kind - 1]!, BigInt.asUintN(64, address)),
        tick: () => this.#host.tick(),
      },
    });
    this.#do = exports.host as (what: number, value: number) => number;
    this.#words = new Int32Array(this.#memory.buffer, 0, 8);
    const functions: Record<string, CallableFunction> = {};
    // By their names: to enumerate the exports makes V8 keep a list of them with each instance.
    for (const name of names) functions[name] = linkable(exports[name] as CallableFunction);
    this.functions = functions;
  }

  /** Bytes of the kernel's own memory. */
  get memoryBytes(): number {
    return this.#do(HOST.pages, 0) * 65_536;
  }

  /**
   * Its guest is gone for good and never runs again: wiped, so that another can have it. False where it is not worth
   * keeping, because it has grown, was wiped before, or the host's thread may still look into it.
   */
  wipe(): boolean {
    if (this.#host === NOBODY) return false;
    this.#host = NOBODY;
    if (this.#do(HOST.pages, 0) > 1 || this.isShared) return false;
    this.#do(HOST.wipe, 0);
    return true;
  }

  /** Serves this guest from now on. The kernel has been wiped. */
  serve(host: KernelHost): void {
    this.#host = host;
  }

  /** Forgets all blocks; the next call starts clean. */
  reset(): void {
    this.#do(HOST.reset, 0);
  }

  /** Ends the guest that is running, by a trap: a guest can catch exceptions of JavaScript, never this. */
  trap(): never {
    this.#do(HOST.trap, 0);
    throw new Error('The kernel did not trap.');
  }

  /** Makes `input` the input of the next call. False where the memory limit leaves no room. */
  setInput(input: Uint8Array | string): boolean {
    const room = typeof input === 'string' ? input.length * 3 : input.byteLength;
    const offset = this.#do(HOST.inputReserve, room) >>> 0;
    if (offset === 0) return false;
    if (typeof input === 'string') {
      const { written } = encoder.encodeInto(input, new Uint8Array(this.#memory.buffer, offset, room));
      this.#do(HOST.inputResize, written);
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
    if (offset < 0n || offset > 0xffff_ffffn) return -1;
    const length = this.#do(HOST.blockLength, Number(offset));
    return length === -1 ? -1 : length >>> 0;
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
    const offset = this.#do(HOST.alloc, bytes.byteLength) >>> 0;
    if (offset !== 0) new Uint8Array(this.#memory.buffer, offset, bytes.byteLength).set(bytes);
    return BigInt(offset);
  }

  /** For a host that reads while the guest waits: all of the memory, where it is a shared one. */
  get sharedBuffer(): SharedArrayBuffer {
    return this.#memory.buffer as ArrayBufferLike as SharedArrayBuffer;
  }

  /** Where the next block goes that {@link push} makes, less its header of 16 bytes. */
  get top(): number {
    return this.#do(HOST.top, 0) >>> 0;
  }

  /** A new block behind all others. 0 where the memory limit leaves no room. */
  push(bytes: Uint8Array): number {
    const offset = this.#do(HOST.push, bytes.byteLength) >>> 0;
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

// Of what Extism calls to bind a function to its call context there is one for all, and it is no property of theirs: an
// instance has a dozen of them.
const LINKABLE = Object.freeze(
  Object.create(Function.prototype, {
    bind: {
      value(this: unknown): unknown {
        return this;
      },
    },
  }),
);

// Extism binds every host function to its call context, which would put JavaScript between guest and kernel. A function
// whose own `bind` returns itself is linked as it is (measured: 0.9 µs an echo instead of 3.2 µs).
export function linkable<F extends CallableFunction>(fn: F): F {
  return Object.setPrototypeOf(fn, LINKABLE);
}
