import { type ExpressionFindings, readConstantExpression } from './constant-expression.js';
import type { InstructionReader } from './instruction-reader.js';
import type { StructuralLimits } from './limits.js';

const PASSIVE_OR_DECLARED = 1;
const EXPLICIT_INDEX = 2;
const EXPRESSIONS = 4;

/** Reads the element section; notes every function index in it. */
export function readElementSegments(
  reader: InstructionReader,
  limits: StructuralLimits,
  into: ExpressionFindings,
  importedGlobals: number,
): { segments: number; elements: number } {
  const segments = reader.count('element segments', limits.elementSegments);
  let elements = 0;
  for (let i = 0; i < segments; i++) {
    const at = reader.pos;
    const flags = reader.u32();
    if (flags > 7) reader.fail(`${flags} are no flags of an element segment`, at);
    const active = (flags & PASSIVE_OR_DECLARED) === 0;
    if (!active) into.features.add((flags & 3) === 3 ? 'reference-types' : 'bulk-memory');
    if (active) {
      if (flags & EXPLICIT_INDEX) into.features.add(reader.u32() === 0 ? 'bulk-memory' : 'reference-types');
      readConstantExpression(reader, into, importedGlobals);
    }
    if (flags & EXPRESSIONS) into.features.add('reference-types');
    if (flags & (PASSIVE_OR_DECLARED | EXPLICIT_INDEX)) {
      if (flags & EXPRESSIONS) reader.valueType();
      else if (reader.u8() !== 0) reader.fail('elements are of an unknown kind', reader.pos - 1);
    }
    const count = reader.count('elements');
    elements += count;
    for (let j = 0; j < count; j++) {
      if (flags & EXPRESSIONS) readConstantExpression(reader, into, importedGlobals);
      else {
        into.noteFunctionReference(reader.pos);
        reader.u32();
      }
    }
  }
  return { segments, elements };
}

/** Reads the data section; adds the length of each segment to `lengths`. */
export function readDataSegments(
  reader: InstructionReader,
  limits: StructuralLimits,
  into: ExpressionFindings,
  importedGlobals: number,
  lengths: number[],
): void {
  const segments = reader.count('data segments', limits.dataSegments);
  for (let i = 0; i < segments; i++) {
    const at = reader.pos;
    const flags = reader.u32();
    if (flags > 2) reader.fail(`${flags} are no flags of a data segment`, at);
    if (flags !== 0) into.features.add('bulk-memory');
    if (flags === 2 && reader.u32() !== 0) into.features.add('multi-memory');
    if (flags !== 1) readConstantExpression(reader, into, importedGlobals);
    const length = reader.u32();
    reader.skip(length);
    lengths.push(length);
  }
}
