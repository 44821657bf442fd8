import { BinaryReader } from './binary-reader.js';
import { ByteWriter } from './byte-writer.js';
import type { Injection } from './injection.js';
import type { Section } from './sections.js';

const FUNCTION_NAMES = 1;
const LOCAL_NAMES = 2;
const LABEL_NAMES = 3;

/**
 * The content of a `name` section for the rewritten module: names follow their functions to the new indices, the
 * injected functions have names, label names are dropped because injected blocks come between. `undefined` where the
 * section cannot be read: names are for people, and a broken one must not break the module.
 */
export function rewriteNames(
  bytes: Uint8Array,
  section: Section,
  injection: Injection,
  firstInjected: number,
): Uint8Array | undefined {
  const reader = new BinaryReader(bytes, section.start, section.end);
  const writer = new ByteWriter(section.end - section.start + 256);
  try {
    while (reader.pos < section.end) {
      const id = reader.u8();
      const size = reader.u32();
      const start = reader.pos;
      reader.skip(size);
      const end = reader.pos;
      if (id === LABEL_NAMES) continue;
      if (id !== FUNCTION_NAMES && id !== LOCAL_NAMES) {
        subsection(writer, id, bytes.subarray(start, end));
        continue;
      }
      const part = new BinaryReader(bytes, start, end);
      const renamed = new ByteWriter(size + 256);
      if (id === FUNCTION_NAMES) functionNames(part, renamed, injection, firstInjected);
      else localNames(part, renamed, injection);
      subsection(writer, id, renamed.view());
    }
  } catch {
    return undefined;
  }
  return writer.view();
}

function subsection(writer: ByteWriter, id: number, content: Uint8Array): void {
  writer.u8(id);
  writer.u32(content.length);
  writer.bytes(content);
}

function functionNames(
  reader: BinaryReader,
  writer: ByteWriter,
  injection: Injection,
  firstInjected: number,
): void {
  const count = reader.count('names');
  writer.u32(count + injection.functions.length);
  for (let i = 0; i < count; i++) {
    writer.u32(injection.functionIndex(reader.u32()));
    copyName(reader, writer);
  }
  for (const [i, { name }] of injection.functions.entries()) {
    writer.u32(firstInjected + i);
    writer.name(name);
  }
}

function localNames(reader: BinaryReader, writer: ByteWriter, injection: Injection): void {
  const count = reader.count('functions');
  writer.u32(count);
  for (let i = 0; i < count; i++) {
    writer.u32(injection.functionIndex(reader.u32()));
    const names = reader.count('names');
    writer.u32(names);
    for (let j = 0; j < names; j++) {
      writer.u32(reader.u32());
      copyName(reader, writer);
    }
  }
}

function copyName(reader: BinaryReader, writer: ByteWriter): void {
  const start = reader.pos;
  reader.skip(reader.u32());
  writer.bytes(reader.bytes, start, reader.pos);
}
