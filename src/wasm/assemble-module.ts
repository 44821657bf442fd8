import { type Addition, planAdditions } from './additions.js';
import { BinaryReader } from './binary-reader.js';
import { ByteWriter } from './byte-writer.js';
import type { Injection } from './injection.js';
import type { ModuleStructure } from './module-structure.js';
import { rewriteNames } from './name-section.js';
import { type Patch, SectionCopy } from './section-copy.js';
import { SECTION, SECTION_ORDER, type Section } from './sections.js';

/**
 * Puts the sections of the rewritten module together: what the original has with its patches, what the injection adds
 * behind, and sections that only the injection needs in their prescribed place.
 *
 * @param code the bodies, where they change
 */
export function assembleModule(
  structure: ModuleStructure,
  injection: Injection,
  patches: readonly Patch[],
  code: ByteWriter | undefined,
): Uint8Array {
  return new Assembly(structure, injection, patches, code).write();
}

/** Sections that would be wrong in the rewritten module and are of no use to V8. */
function isDropped(name: string): boolean {
  return (
    /^(?:\.debug_|reloc\.|metadata\.code\.)/.test(name) ||
    ['linking', 'sourceMappingURL', 'external_debug_info'].includes(name)
  );
}

class Assembly {
  private readonly writer: ByteWriter;
  private readonly copier: SectionCopy;
  private readonly structure: ModuleStructure;
  private readonly injection: Injection;
  private readonly code: ByteWriter | undefined;
  private readonly additions: ReadonlyMap<number, Addition>;

  constructor(
    structure: ModuleStructure,
    injection: Injection,
    patches: readonly Patch[],
    code: ByteWriter | undefined,
  ) {
    this.structure = structure;
    this.injection = injection;
    this.code = code;
    this.writer = new ByteWriter(structure.bytes.length + (code?.length ?? 0) + 1024);
    this.copier = new SectionCopy(structure, injection, patches, this.writer);
    this.additions = planAdditions(structure, injection).set(SECTION.code, {
      count: injection.functions.length,
      write: (w) => w.bytes(code!.view()),
    });
  }

  write(): Uint8Array {
    const { writer, structure, additions } = this;
    writer.bytes(structure.bytes, 0, 8);
    const waiting = SECTION_ORDER.filter((id) => additions.get(id)?.count);
    for (const section of structure.sections) {
      if (section.id === SECTION.custom) {
        this.custom(section);
        continue;
      }
      const order = SECTION_ORDER.indexOf(section.id);
      while (waiting.length > 0 && SECTION_ORDER.indexOf(waiting[0]!) < order) this.added(waiting.shift()!);
      if (waiting[0] === section.id) waiting.shift();
      this.known(section);
    }
    for (const id of waiting) this.added(id);
    return writer.view();
  }

  /** A section that the original does not have. */
  private added(id: number): void {
    const { writer } = this;
    const { count, write } = this.additions.get(id)!;
    writer.section(id, () => {
      writer.u32(count);
      write(writer);
    });
  }

  private known({ id, start, end }: Section): void {
    const { writer } = this;
    const addition = this.additions.get(id);
    writer.section(id, () => {
      let from = start;
      if (addition !== undefined) {
        const reader = new BinaryReader(this.structure.bytes, start, end);
        writer.u32(reader.u32() + addition.count);
        from = reader.pos;
      }
      const replaced = id === SECTION.code && this.code !== undefined;
      if (!replaced) this.copier.copy(from, end);
      if (addition !== undefined && addition.count + Number(replaced) > 0) addition.write(writer);
    });
  }

  private custom(section: Section): void {
    if (isDropped(section.name)) return;
    const { writer, structure, injection } = this;
    let content: Uint8Array | undefined = structure.bytes.subarray(section.start, section.end);
    if (section.name === 'name' && this.code !== undefined) {
      const firstInjected = structure.functions.length + injection.shift;
      content = rewriteNames(structure.bytes, section, injection, firstInjected);
    }
    if (content === undefined) return;
    const kept = content;
    writer.section(SECTION.custom, () => {
      writer.name(section.name);
      writer.bytes(kept);
    });
  }
}
