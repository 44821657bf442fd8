import { z } from 'zod';
import { VIOLATION_KINDS, type ViolationKind } from '../src/events/violation-event.js';
import { strictObject, withoutUndefined } from '../src/manifest/schema-parts.js';

const EXPECTED = 'a number from 0 to 1000';
const weight = z.number({ error: EXPECTED }).min(0, { error: EXPECTED }).max(1000, { error: EXPECTED });
const shape = Object.fromEntries(VIOLATION_KINDS.map((kind) => [kind, weight.optional()])) as Record<
  ViolationKind,
  z.ZodOptional<z.ZodNumber>
>;

/** `quarantine.weights`: how much one violation counts, by its kind. */
export const weightsSchema = strictObject(shape, 'an object of numbers by kind of violation').transform(
  (weights): Partial<Record<ViolationKind, number>> => Object.freeze(withoutUndefined(weights)),
);
