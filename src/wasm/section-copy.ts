import { BinaryReader } from './binary-reader.js';
import type { ByteWriter } from './byte-writer.js';
import type { Injection } from './injection.js';
import type { ModuleStructure, Span } from './module-structure.js';

/** A replacement of the bytes of a span. */
export interface Patch extends Span {
  write(writer: ByteWriter): void;
}

/**
 * Copies runs of a module with two kinds of replacement: patches, and the function indices that the structure noted.
 * Runs must be asked for in ascending order.
 */
export class SectionCopy {
  private readonly structure: ModuleStructure;
  private readonly injection: Injection;
  private readonly patches: readonly Patch[];
  private readonly writer: ByteWriter;
  private nextPatch = 0;
  private nextReference = 0;

  /** @param patches in any order; they must not overlap */
  constructor(
    structure: ModuleStructure,
    injection: Injection,
    patches: readonly Patch[],
    writer: ByteWriter,
  ) {
    this.structure = structure;
    this.injection = injection;
    this.patches = [...patches].sort((a, b) => a.at - b.at);
    this.writer = writer;
  }

  copy(from: number, to: number): void {
    const { bytes, functionReferences } = this.structure;
    const { writer, patches, injection } = this;
    let pos = from;
    for (;;) {
      const patch = patches[this.nextPatch];
      const patchAt = patch !== undefined && patch.at < to ? patch.at : to;
      const reference = functionReferences[this.nextReference];
      if (reference !== undefined && reference < patchAt) {
        this.nextReference++;
        if (injection.shift === 0) continue;
        writer.bytes(bytes, pos, reference);
        const reader = new BinaryReader(bytes, reference, to);
        writer.u32(injection.functionIndex(reader.u32()));
        pos = reader.pos;
      } else if (patch !== undefined && patchAt < to) {
        this.nextPatch++;
        writer.bytes(bytes, pos, patch.at);
        patch.write(writer);
        pos = patch.end;
      } else break;
    }
    writer.bytes(bytes, pos, to);
  }
}
