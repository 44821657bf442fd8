import { BodyPlan } from './body-plan.js';
import { writeBody } from './body-writer.js';
import { BulkCharges } from './bulk-charges.js';
import { ByteWriter } from './byte-writer.js';
import { bytecodeError } from './bytecode-error.js';
import type { SizeCaps } from './cap-memory.js';
import { readBodyHeader } from './function-body.js';
import { GrowGuards } from './grow-guard.js';
import type { Injection } from './injection.js';
import { InstructionReader } from './instruction-reader.js';
import type { StructuralLimits } from './limits.js';
import { Metering } from './metering.js';
import type { ModuleStructure } from './module-structure.js';
import { SECTION } from './sections.js';

/** V8's limit for one body, which the rewritten body must keep too. */
const MAX_BODY_BYTES = 7_654_321;

/**
 * Writes the bodies of the module's own functions, then those of the injected ones, each with its size; `undefined`
 * where no body changes. The module must have passed the scan and V8's validation.
 */
export function rewriteCode(
  structure: ModuleStructure,
  limits: StructuralLimits,
  caps: SizeCaps,
  injection: Injection,
): ByteWriter | undefined {
  const metering = injection.fuelGlobal >= 0 ? new Metering(injection) : undefined;
  const unchanged = metering === undefined && injection.shift === 0 && injection.tableBudget < 0;
  if (unchanged) return undefined;
  const guards = new GrowGuards(structure, caps, injection, metering);
  const bulk = metering && new BulkCharges(structure, injection, metering);
  const plan = new BodyPlan(injection, guards, bulk);
  const section = structure.sections.find(({ id }) => id === SECTION.code);
  const out = new ByteWriter(
    section === undefined ? 256 : Math.ceil((section.end - section.start) * 1.4) + 256,
  );
  if (section !== undefined) {
    const reader = new InstructionReader(structure.bytes, section.start, section.end);
    const body = new ByteWriter(65_536);
    const count = reader.u32();
    for (let i = 0; i < count; i++) {
      const at = reader.pos;
      const size = reader.u32();
      const start = reader.pos;
      const end = start + size;
      reader.end = end;
      const type = structure.types[structure.functions[structure.importedFunctions + i]!]!;
      const parameters = type.kind === 'function' ? type.params.length : 0;
      const header = readBodyHeader(reader, limits, parameters);
      plan.plan(reader);
      reader.end = section.end;
      body.clear();
      writeBody(body, structure.bytes, header, end, header.locals + parameters, plan, metering);
      if (body.length > MAX_BODY_BYTES) {
        throw bytecodeError(
          `a function has ${size} bytes, with what is added ${body.length}, and ${MAX_BODY_BYTES} are possible`,
          at,
          { limit: MAX_BODY_BYTES, observed: body.length },
        );
      }
      out.u32(body.length);
      out.bytes(body.view());
    }
  }
  for (const { body } of injection.functions) {
    out.u32(body.length);
    out.bytes(body);
  }
  return out;
}
