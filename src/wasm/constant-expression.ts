import type { FeatureName } from './features.js';
import type { InstructionReader } from './instruction-reader.js';
import { OP, OPCODE_FEATURE } from './opcodes.js';

/** What readers of constant expressions report to. */
export interface ExpressionFindings {
  /** Notes that a function index stands at this place. */
  noteFunctionReference(at: number): void;
  readonly features: Set<FeatureName>;
}

const GLOBAL_GET = 0x23;
const ARITHMETIC = [0x6a, 0x6b, 0x6c, 0x7c, 0x7d, 0x7e];

/** Reads an initialiser up to its `end`, and notes the functions that it refers to. */
export function readConstantExpression(
  reader: InstructionReader,
  into: ExpressionFindings,
  importedGlobals: number,
): void {
  for (;;) {
    reader.next();
    const { opcode } = reader;
    if (opcode === OP.end) return;
    if (opcode >= OP.block && opcode <= OP.tryTable) {
      reader.fail('an initialiser has an instruction that is not constant', reader.start);
    }
    if (opcode === OP.refFunc) into.noteFunctionReference(reader.indexAt);
    if (opcode === GLOBAL_GET && reader.index >= importedGlobals) into.features.add('gc');
    if (ARITHMETIC.includes(opcode)) into.features.add('extended-const');
    const feature = OPCODE_FEATURE[opcode];
    if (feature !== undefined) into.features.add(feature);
  }
}
