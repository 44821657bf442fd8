import { BinaryReader } from '../wasm/binary-reader.js';
import { ByteWriter } from '../wasm/byte-writer.js';
import { SECTION } from '../wasm/sections.js';
import { isKernel64, KERNEL_FUNCTIONS, type KernelFunction } from './kernel.js';
import { KERNEL_BYTES } from './kernel-bytes.js';
import { KERNEL64_BYTES } from './kernel64-bytes.js';

/** What the host calls, in any kernel. */
const HOST_EXPORT = 'host';

/** Kinds that a thread keeps beside the one with all functions; each is compiled code of some 30 KiB. */
const MAX_KINDS = 16;

/** A kernel that exports no more than some guests import. */
export interface KernelKind {
  readonly functions: readonly KernelFunction[];
  readonly module: WebAssembly.Module;
  /** The same for a memory of 32 bits that the host's thread reads while the guest waits; compiled when it is asked for. */
  readonly shared: () => WebAssembly.Module;
}

/**
 * The kernels of a thread, by what they export. V8 makes 300 bytes of objects in each instance for every function that its
 * module exports, used or not: with all of them they were half of what an idle instance takes.
 */
export class KernelKinds {
  /** With all functions. */
  readonly full: KernelKind;
  readonly #bytes: Uint8Array;
  /** By their functions, a bit for each. */
  readonly #kinds = new Map<number, KernelKind>();

  constructor(full: WebAssembly.Module) {
    this.full = kindOf(KERNEL_FUNCTIONS, full);
    this.#bytes = isKernel64(full) ? KERNEL64_BYTES : KERNEL_BYTES;
  }

  /** For a guest that imports these; names that no kernel has are not looked at. */
  for(imported: Iterable<string>): KernelKind {
    let bits = 0;
    for (const name of imported) {
      const index = (KERNEL_FUNCTIONS as readonly string[]).indexOf(name);
      if (index >= 0) bits |= 1 << index;
    }
    const known = this.#kinds.get(bits);
    if (known) return known;
    if (this.#kinds.size >= MAX_KINDS) return this.full;
    const functions = KERNEL_FUNCTIONS.filter((_, index) => bits & (1 << index));
    const kind = kindOf(functions, new WebAssembly.Module(exporting(functions, this.#bytes)));
    this.#kinds.set(bits, kind);
    return kind;
  }
}

function kindOf(functions: readonly KernelFunction[], module: WebAssembly.Module): KernelKind {
  let shared: WebAssembly.Module | undefined;
  return {
    functions,
    module,
    shared: () => {
      shared ??= compileShared(functions);
      return shared;
    },
  };
}

function compileShared(functions: readonly KernelFunction[]): WebAssembly.Module {
  const bytes = exporting(functions, KERNEL_BYTES);
  // The import of a memory with a maximum of 65 536 pages, and where its limits say "shared".
  const at = Buffer.from(bytes.buffer, 0, bytes.length).indexOf(Buffer.from([2, 1, 1, 0x80, 0x80, 4]));
  bytes[at + 1] = 3;
  return new WebAssembly.Module(bytes);
}

/** A kernel with these of its functions. */
function exporting(functions: readonly KernelFunction[], kernel: Uint8Array): Uint8Array<ArrayBuffer> {
  const names = new Set<string>([HOST_EXPORT, ...functions]);
  const reader = new BinaryReader(kernel);
  const writer = new ByteWriter(kernel.length);
  reader.skip(8);
  writer.bytes(kernel, 0, 8);
  while (reader.pos < kernel.length) {
    const at = reader.pos;
    const id = reader.u8();
    const size = reader.u32();
    const end = reader.pos + size;
    if (id === SECTION.export) writer.section(id, () => copyExports(reader, writer, names));
    else writer.bytes(kernel, at, end);
    reader.pos = end;
  }
  return Uint8Array.from(writer.view());
}

function copyExports(reader: BinaryReader, writer: ByteWriter, names: ReadonlySet<string>): void {
  writer.u32(names.size);
  for (let left = reader.u32(); left > 0; left--) {
    const name = reader.name();
    const kind = reader.u8();
    const index = reader.u32();
    if (!names.has(name)) continue;
    writer.name(name);
    writer.u8(kind);
    writer.u32(index);
  }
}
