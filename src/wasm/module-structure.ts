import { readConstantExpression } from './constant-expression.js';
import {
  EXTERNAL_KINDS,
  type ExternalType,
  type GlobalType,
  type MemoryType,
  readGlobalType,
  readMemoryType,
  readTableLimits,
  type TableType,
} from './external-types.js';
import type { FeatureName } from './features.js';
import { InstructionReader } from './instruction-reader.js';
import { enforce, type StructuralLimits } from './limits.js';
import { readSections, SECTION, type Section } from './sections.js';
import { readDataSegments, readElementSegments } from './segments.js';
import { type DefinedType, type FunctionType, readTypes } from './type-section.js';

/** Where something stands in the bytes, so that a rewrite can replace it. */
export interface Span {
  readonly at: number;
  readonly end: number;
}

export type ImportEntry = ExternalType & {
  readonly module: string;
  readonly name: string;
  readonly moduleSpan: Span;
};

export interface ExportEntry {
  readonly name: string;
  readonly kind: (typeof EXTERNAL_KINDS)[number];
  readonly index: number;
  readonly nameSpan: Span;
}

/** The size limits of a memory or table with the place where they are written. */
export type Placed<T> = T & { readonly imported: boolean; readonly span: Span };

/** Everything in a module but the code and custom sections: what is in it, and where. */
export interface ModuleStructure {
  readonly bytes: Uint8Array;
  readonly sections: readonly Section[];
  readonly types: DefinedType[];
  readonly imports: ImportEntry[];
  /** The type index of every function, imported ones first. */
  readonly functions: number[];
  readonly importedFunctions: number;
  readonly tables: Placed<TableType>[];
  readonly memories: Placed<MemoryType>[];
  readonly globals: GlobalType[];
  readonly tags: FunctionType[];
  readonly exports: ExportEntry[];
  readonly start: number | undefined;
  readonly elementSegments: number;
  readonly elements: number;
  /** The length of each data segment in bytes. */
  readonly dataSegments: number[];
  /** Where function indices stand outside the code, ascending. */
  readonly functionReferences: number[];
  /** Features found in the sections read here; those in the code come on top. */
  readonly features: Set<FeatureName>;
}

/**
 * Reads a module up to its code. Each count is checked against `limits` and against the bytes that are left, so that
 * memory is bounded by a small multiple of the input.
 *
 * @throws `ERR_BYTECODE` with the offset.
 */
export function readStructure(bytes: Uint8Array, limits: StructuralLimits): ModuleStructure {
  const reader = new InstructionReader(bytes);
  const sections = readSections(reader, limits);
  const state = new StructureReader(bytes, sections, limits, reader);
  for (const section of sections) {
    if (section.id === SECTION.custom || section.id === SECTION.code) continue;
    reader.pos = section.start;
    reader.end = section.end;
    state.readSection(section);
    if (reader.pos !== section.end) reader.fail('a section has bytes behind its end');
  }
  state.finish();
  return state;
}

class StructureReader implements ModuleStructure {
  readonly bytes: Uint8Array;
  readonly sections: readonly Section[];
  readonly types: DefinedType[] = [];
  readonly imports: ImportEntry[] = [];
  readonly functions: number[] = [];
  importedFunctions = 0;
  readonly tables: Placed<TableType>[] = [];
  readonly memories: Placed<MemoryType>[] = [];
  readonly globals: GlobalType[] = [];
  readonly tags: FunctionType[] = [];
  readonly exports: ExportEntry[] = [];
  start: number | undefined;
  elementSegments = 0;
  elements = 0;
  readonly dataSegments: number[] = [];
  readonly functionReferences: number[] = [];
  readonly features: Set<FeatureName> = new Set();
  private importedGlobals = 0;
  private readonly limits: StructuralLimits;
  private readonly reader: InstructionReader;

  constructor(
    bytes: Uint8Array,
    sections: readonly Section[],
    limits: StructuralLimits,
    reader: InstructionReader,
  ) {
    this.bytes = bytes;
    this.sections = sections;
    this.limits = limits;
    this.reader = reader;
  }

  readSection(section: Section): void {
    const { reader, limits } = this;
    switch (section.id) {
      case SECTION.type:
        for (const type of readTypes(reader, limits, this.features)) this.types.push(type);
        return;
      case SECTION.import:
        this.each('imports', limits.imports, () => this.readImport());
        this.importedFunctions = this.functions.length;
        this.importedGlobals = this.globals.length;
        return;
      case SECTION.function:
        this.each('functions', limits.functions, () =>
          this.functions.push(this.functionType(reader.u32()).index),
        );
        return;
      case SECTION.table:
        this.each('tables', limits.tables, () => this.readTable());
        return;
      case SECTION.memory:
        this.each('memories', limits.memories, () => this.readMemory(false));
        return;
      case SECTION.tag:
        this.each('tags', limits.tags, () => this.tags.push(this.readTag()));
        return;
      case SECTION.global:
        this.each('globals', limits.globals, () => {
          this.globals.push(readGlobalType(reader));
          readConstantExpression(reader, this, this.importedGlobals);
        });
        return;
      case SECTION.export:
        this.each('exports', limits.exports, () => this.readExport());
        return;
      case SECTION.start:
        this.noteFunctionReference(reader.pos);
        this.start = reader.u32();
        return;
      case SECTION.element: {
        const found = readElementSegments(reader, limits, this, this.importedGlobals);
        this.elementSegments = found.segments;
        this.elements = found.elements;
        return;
      }
      case SECTION.dataCount:
        // The section exists for memory.init and data.drop only.
        this.features.add('bulk-memory');
        reader.u32();
        return;
      default:
        readDataSegments(reader, limits, this, this.importedGlobals, this.dataSegments);
    }
  }

  finish(): void {
    enforce(this.limits, 'tables', this.tables.length, 0);
    enforce(this.limits, 'memories', this.memories.length, 0);
    if (this.memories.length > 1) this.features.add('multi-memory');
    if (this.tables.length > 1) this.features.add('reference-types');
    this.reader.typeFeatures(this.features);
    // funcref as the element type of the one table is of the first version.
    if (this.tables.some((table) => table.element !== 'funcref')) this.features.add('reference-types');
  }

  noteFunctionReference(at: number): void {
    this.functionReferences.push(at);
    if (this.functionReferences.length > this.limits.elements) {
      enforce(this.limits, 'elements', this.functionReferences.length, at);
    }
  }

  private each(what: string, limit: number, read: () => void): void {
    const count = this.reader.count(what, limit);
    for (let i = 0; i < count; i++) read();
  }

  private functionType(index: number): { type: FunctionType; index: number } {
    const type = this.types[index];
    if (type?.kind !== 'function') this.reader.fail(`type ${index} is no function type`);
    return { type, index };
  }

  private readTag(): FunctionType {
    this.features.add('exception-handling');
    const { reader } = this;
    if (reader.u8() !== 0) reader.fail('a tag has an unknown attribute', reader.pos - 1);
    return this.functionType(reader.u32()).type;
  }

  private readTable(): void {
    const { reader } = this;
    const initialised = reader.bytes[reader.pos] === 0x40 && reader.bytes[reader.pos + 1] === 0;
    if (initialised) {
      this.features.add('function-references');
      reader.skip(2);
    }
    this.readTableType(false);
    if (initialised) readConstantExpression(reader, this, this.importedGlobals);
  }

  private readTableType(imported: boolean): TableType {
    const { reader } = this;
    const before = reader.typeCodes[0x70]!;
    const element = reader.valueType();
    if (element === 'funcref') reader.typeCodes[0x70] = before;
    const at = reader.pos;
    const type = { element, ...readTableLimits(reader, this.features) };
    this.tables.push({ ...type, imported, span: { at, end: reader.pos } });
    return type;
  }

  private readMemory(imported: boolean): MemoryType {
    const at = this.reader.pos;
    const type = readMemoryType(this.reader, this.features);
    this.memories.push({ ...type, imported, span: { at, end: this.reader.pos } });
    return type;
  }

  private readImport(): void {
    const { reader } = this;
    const at = reader.pos;
    const module = reader.name();
    const moduleSpan = { at, end: reader.pos };
    const name = reader.name();
    this.imports.push({ module, name, moduleSpan, ...this.readImportedType() });
  }

  private readImportedType(): ExternalType {
    const { reader } = this;
    const at = reader.pos;
    const kind = EXTERNAL_KINDS[reader.u8()];
    switch (kind) {
      case 'function': {
        const { type, index } = this.functionType(reader.u32());
        this.functions.push(index);
        return { kind, type: { params: type.params, results: type.results } };
      }
      case 'table':
        return { kind, type: this.readTableType(true) };
      case 'memory':
        return { kind, type: this.readMemory(true) };
      case 'global': {
        const type = readGlobalType(reader);
        if (type.mutable) this.features.add('mutable-globals');
        this.globals.push(type);
        return { kind, type };
      }
      case 'tag': {
        const { params, results } = this.readTag();
        this.tags.push({ params, results });
        return { kind, type: { params, results } };
      }
      default:
        return reader.fail('an import is of an unknown kind', at);
    }
  }

  private readExport(): void {
    const reader: InstructionReader = this.reader;
    const at = reader.pos;
    const name = reader.name();
    const nameSpan = { at, end: reader.pos };
    const kind = EXTERNAL_KINDS[reader.u8()];
    if (kind === undefined) reader.fail('an export is of an unknown kind', reader.pos - 1);
    const indexAt = reader.pos;
    const index = reader.u32();
    const space = {
      function: this.functions,
      table: this.tables,
      memory: this.memories,
      global: this.globals,
      tag: this.tags,
    };
    if (index >= space[kind].length)
      reader.fail(`export "${name}" is of ${kind} ${index}, which does not exist`, indexAt);
    if (kind === 'function') this.noteFunctionReference(indexAt);
    if (kind === 'global' && this.globals[index]!.mutable) this.features.add('mutable-globals');
    this.exports.push({ name, kind, index, nameSpan });
  }
}
