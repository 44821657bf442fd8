import { BinaryReader } from './binary-reader.js';
import { SECTION, type Section } from './sections.js';

export interface CustomSection {
  readonly name: string;
  /** A view into the module, not a copy. */
  readonly bytes: Uint8Array;
}

/** One entry of the `producers` section: `{ field: 'language', name: 'Rust', version: '1.80' }`. */
export interface Producer {
  readonly field: string;
  readonly name: string;
  readonly version: string;
}

/** The name of the section in which a manifest travels inside its module. */
export const MANIFEST_SECTION = 'cordon.manifest';
const MAX_ENTRIES = 1_000;

export function customSections(bytes: Uint8Array, sections: readonly Section[]): CustomSection[] {
  return sections
    .filter(({ id }) => id === SECTION.custom)
    .map(({ name, start, end }) => ({ name, bytes: bytes.subarray(start, end) }));
}

/**
 * The text of the `cordon.manifest` section, `undefined` where there is none.
 *
 * @throws `ERR_BYTECODE` when there are two of them or one is not UTF-8: which manifest holds must not be a guess.
 */
export function manifestText(bytes: Uint8Array, sections: readonly Section[]): string | undefined {
  const [section, second] = sections.filter(
    ({ id, name }) => id === SECTION.custom && name === MANIFEST_SECTION,
  );
  if (section === undefined) return undefined;
  const reader = new BinaryReader(bytes, section.start, section.end);
  if (second !== undefined) reader.fail(`there are two \`${MANIFEST_SECTION}\` sections`, second.start);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(section.start, section.end));
  } catch {
    return reader.fail(`the \`${MANIFEST_SECTION}\` section is not UTF-8`);
  }
}

/** What the tools left in `producers`. A broken section counts as none: nothing depends on it. */
export function readProducers(bytes: Uint8Array, sections: readonly Section[]): readonly Producer[] {
  return lenient(bytes, sections, 'producers', (reader) => {
    const producers: Producer[] = [];
    const fields = reader.count('fields', MAX_ENTRIES);
    for (let i = 0; i < fields; i++) {
      const field = reader.name();
      const values = reader.count('values', MAX_ENTRIES - producers.length);
      for (let j = 0; j < values; j++) producers.push({ field, name: reader.name(), version: reader.name() });
    }
    return producers;
  });
}

/** The features that the linker says are used (`+simd128`). A hint for messages only: what counts is the code. */
export function readTargetFeatures(bytes: Uint8Array, sections: readonly Section[]): readonly string[] {
  return lenient(bytes, sections, 'target_features', (reader) => {
    const features: string[] = [];
    const count = reader.count('features', MAX_ENTRIES);
    for (let i = 0; i < count; i++) {
      const prefix = String.fromCharCode(reader.u8());
      features.push(prefix + reader.name());
    }
    return features;
  });
}

function lenient<T>(
  bytes: Uint8Array,
  sections: readonly Section[],
  name: string,
  read: (reader: BinaryReader) => readonly T[],
): readonly T[] {
  const section = sections.find((candidate) => candidate.id === SECTION.custom && candidate.name === name);
  if (section === undefined) return [];
  try {
    return read(new BinaryReader(bytes, section.start, section.end));
  } catch {
    return [];
  }
}
