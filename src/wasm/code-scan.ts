import type { FeatureName } from './features.js';
import { readBodyHeader } from './function-body.js';
import { InstructionReader } from './instruction-reader.js';
import { enforce, type StructuralLimits } from './limits.js';
import type { ModuleStructure } from './module-structure.js';
import { IMM, IMMEDIATES, OP, OPCODE_COUNT, OPCODE_FEATURE } from './opcodes.js';
import { SECTION } from './sections.js';

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
  for (let i = 0; i < bodies; i++) {
    const at = reader.pos;
    const size = reader.u32();
    enforce(limits, 'bodyBytes', size, at);
    const end = reader.pos + size;
    if (end > section.end) reader.fail('a function body is longer than its section', at);
    reader.end = end;
    const type = structure.types[structure.functions[structure.importedFunctions + i]!]!;
    scanBody(reader, structure, limits, type.kind === 'function' ? type.params.length : 0, opcodes);
    reader.end = section.end;
  }
  if (reader.pos !== section.end) reader.fail('the code section has bytes behind its end');
  addFeatures(structure.features, opcodes, reader);
  return { codeBytes: section.end - section.start, opcodes };
}

function scanBody(
  reader: InstructionReader,
  structure: ModuleStructure,
  limits: StructuralLimits,
  parameters: number,
  opcodes: Uint8Array,
): void {
  const { end } = reader;
  const locals = readBodyHeader(reader, limits, parameters).locals + parameters;
  const { nesting, nestedState } = limits;
  let depth = 1;
  while (reader.pos < end) {
    reader.next();
    const { opcode } = reader;
    opcodes[opcode] = 1;
    const immediate = IMMEDIATES[opcode];
    if (immediate === IMM.block || opcode === OP.tryTable) {
      depth++;
      if (depth > nesting) enforce(limits, 'nesting', depth, reader.start);
      if (depth * locals > nestedState) enforce(limits, 'nestedState', depth * locals, reader.start);
      if (reader.blockType >= 0) noteBlockType(reader, structure);
    } else if (opcode === OP.end || opcode === OP.delegate) {
      depth--;
      if (depth === 0) break;
    }
  }
  if (depth !== 0) reader.fail('a function body ends before its blocks do');
  if (reader.pos !== end) reader.fail('a function body goes on behind its end');
}

function noteBlockType(reader: InstructionReader, structure: ModuleStructure): void {
  const type = structure.types[reader.blockType];
  if (type?.kind !== 'function') reader.fail(`type ${reader.blockType} is no function type`, reader.start);
  if (type.params.length > 0 || type.results.length > 1) structure.features.add('multi-value');
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
