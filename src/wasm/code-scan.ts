import { BlockStack } from './block-stack.js';
import type { FeatureName } from './features.js';
import { readBodyHeader } from './function-body.js';
import { InstructionReader } from './instruction-reader.js';
import { enforce, type StructuralLimits } from './limits.js';
import type { ModuleStructure } from './module-structure.js';
import { OP, OPCODE_COUNT, OPCODE_FEATURE } from './opcodes.js';
import { SECTION } from './sections.js';
import type { FunctionType } from './type-section.js';

/** What the code says about a module. */
export interface CodeFindings {
  readonly codeBytes: number;
  /** 1 for each opcode that occurs. */
  readonly opcodes: Uint8Array;
}

/**
 * Walks through every function body once: every instruction must be known, every block closed, every limit held. Adds
 * the features that the code uses to those of the structure.
 */
export function scanCode(structure: ModuleStructure, limits: StructuralLimits): CodeFindings {
  const opcodes = new Uint8Array(OPCODE_COUNT);
  const defined = structure.functions.length - structure.importedFunctions;
  const section = structure.sections.find(({ id }) => id === SECTION.code);
  const reader = new InstructionReader(structure.bytes);
  if (section === undefined) {
    if (defined > 0) reader.fail(`${defined} functions have no code`, structure.bytes.length);
    return { codeBytes: 0, opcodes };
  }
  reader.pos = section.start;
  reader.end = section.end;
  const bodies = reader.count('function bodies');
  if (bodies !== defined) reader.fail(`${bodies} bodies for ${defined} functions`, section.start);
  const blocks = new BlockStack(structure, limits, section.start);
  for (let i = 0; i < bodies; i++) {
    const at = reader.pos;
    const size = reader.u32();
    enforce(limits, 'bodyBytes', size, at);
    const end = reader.pos + size;
    if (end > section.end) reader.fail('a function body is longer than its section', at);
    reader.end = end;
    const type = structure.types[structure.functions[structure.importedFunctions + i]!]!;
    const { params, results } = type as FunctionType;
    const header = readBodyHeader(reader, limits, params.length);
    blocks.enter(results.length, params.length + header.locals);
    scanBody(reader, blocks, opcodes);
    reader.end = section.end;
  }
  if (reader.pos !== section.end) reader.fail('the code section has bytes behind its end');
  addFeatures(structure.features, opcodes, reader);
  return { codeBytes: section.end - section.start, opcodes };
}

function scanBody(reader: InstructionReader, blocks: BlockStack, opcodes: Uint8Array): void {
  const { end } = reader;
  let open = true;
  while (open && reader.pos < end) {
    reader.next();
    opcodes[reader.opcode] = 1;
    open = blocks.note(reader);
  }
  if (open) reader.fail('a function body ends before its blocks do');
  if (reader.pos !== end) reader.fail('a function body goes on behind its end');
  blocks.leave(reader);
}

function addFeatures(features: Set<FeatureName>, opcodes: Uint8Array, reader: InstructionReader): void {
  for (let opcode = 0; opcode < OPCODE_COUNT; opcode++) {
    const feature = OPCODE_FEATURE[opcode];
    if (opcodes[opcode] && feature !== undefined) features.add(feature);
  }
  if (opcodes[OP.returnCallRef]) features.add('tail-call');
  if (reader.otherMemory) features.add('multi-memory');
  if (reader.otherTable) features.add('reference-types');
  reader.typeFeatures(features);
}
