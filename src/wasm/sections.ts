import type { BinaryReader } from './binary-reader.js';
import { bytecodeError } from './bytecode-error.js';
import { enforce, type StructuralLimits } from './limits.js';

export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

/** The order that the specification prescribes. */
export const SECTION_ORDER: readonly number[] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

const NAMES: readonly string[] = [
  ...['custom', 'type', 'import', 'function', 'table', 'memory', 'global', 'export', 'start', 'element'],
  ...['code', 'data', 'data count', 'tag'],
];

/** One section: `start` is where its content begins, past id and size, and for custom sections past the name. */
export interface Section {
  readonly id: number;
  readonly start: number;
  readonly end: number;
  /** The name of a custom section, otherwise empty. */
  readonly name: string;
}

const MAGIC = [0x00, 0x61, 0x73, 0x6d];

/** Cuts a module into its sections, and refuses what is no module, or has sections twice or in the wrong order. */
export function readSections(reader: BinaryReader, limits: StructuralLimits): Section[] {
  readHeader(reader);
  const sections: Section[] = [];
  let last = -1;
  let custom = 0;
  while (reader.pos < reader.bytes.length) {
    const at = reader.pos;
    const id = reader.u8();
    const size = reader.u32();
    const start = reader.pos;
    reader.skip(size);
    const end = reader.pos;
    if (id === SECTION.custom) {
      enforce(limits, 'customSections', ++custom, at);
      reader.pos = start;
      reader.end = end;
      const name = reader.name();
      sections.push({ id, start: reader.pos, end, name });
      reader.end = reader.bytes.length;
      reader.pos = end;
      continue;
    }
    const order = SECTION_ORDER.indexOf(id);
    if (order < 0) reader.fail(`section ${id} is unknown`, at);
    if (order <= last) reader.fail(`the ${NAMES[id]} section is twice there or too late`, at);
    last = order;
    sections.push({ id, start, end, name: '' });
  }
  return sections;
}

function readHeader(reader: BinaryReader): void {
  const { bytes } = reader;
  if (bytes.length < 8 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    const shown = JSON.stringify(String.fromCharCode(...bytes.subarray(0, 8)));
    throw bytecodeError(`a module begins with "\\0asm" and a version, this with ${shown}`, 0);
  }
  const version = bytes[4]! | (bytes[5]! << 8);
  const layer = bytes[6]! | (bytes[7]! << 8);
  if (layer === 1) throw bytecodeError('this is a WebAssembly component, and Cordon runs core modules', 4);
  if (version !== 1 || layer !== 0)
    throw bytecodeError(`version ${version}.${layer} is unknown, 1 is known`, 4);
  reader.pos = 8;
}
