import type { InstructionReader } from './instruction-reader.js';
import { enforce, type StructuralLimits } from './limits.js';

/** The declarations of locals of a function body. */
export interface BodyHeader {
  /** Locals that the body declares; parameters come on top. */
  readonly locals: number;
  /** Where the groups of locals begin, and their number. */
  readonly groupsAt: number;
  readonly groups: number;
  /** Where the first instruction is. */
  readonly codeAt: number;
}

/** Reads the declarations of locals at the beginning of a body, which must not be more than the limits allow. */
export function readBodyHeader(
  reader: InstructionReader,
  limits: StructuralLimits,
  parameters: number,
): BodyHeader {
  const groups = reader.count('groups of locals');
  const groupsAt = reader.pos;
  let locals = 0;
  for (let i = 0; i < groups; i++) {
    const at = reader.pos;
    locals += reader.u32();
    enforce(limits, 'localsPerFunction', locals + parameters, at);
    const code = reader.pos < reader.end ? reader.bytes[reader.pos]! : 0;
    // Skips the making of a name for the common types.
    if (code >= 0x7c && code <= 0x7f) reader.pos++;
    else reader.valueType();
  }
  return { locals, groupsAt, groups, codeAt: reader.pos };
}
