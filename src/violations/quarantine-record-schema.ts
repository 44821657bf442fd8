import { z } from 'zod';
import { VIOLATION_KINDS, type ViolationEvent } from '../events/violation-event.js';
import { deepFreeze } from '../manifest/deep-freeze.js';
import { freezeRecord, type QuarantineRecord } from './quarantine-record.js';

const text = z.string().max(8192);
const time = z.number().min(0);

const violationSchema = z.strictObject({
  id: text,
  plugin: text,
  version: text,
  kind: z.enum(VIOLATION_KINDS),
  severity: z.enum(['low', 'medium', 'high', 'critical']),
  message: text,
  detail: z.record(z.string(), z.unknown()),
  callId: text.optional(),
  at: time,
  count: z.int().min(0),
});

const recordSchema = z.strictObject({
  quarantineVersion: z.literal(1),
  plugin: text,
  version: text,
  cause: z.enum(['violations', 'manual']),
  reason: text,
  evidence: z.array(violationSchema).max(32),
  since: time,
  trialAt: time.optional(),
  failedTrials: z.int().min(0),
});

/** Reads what was kept of a plugin's quarantine. @throws Error that says in a clause what is wrong */
export function parseRecord(json: string, plugin: string): QuarantineRecord {
  const parsed = recordSchema.safeParse(readJson(json));
  if (!parsed.success) {
    const [problem] = parsed.error.issues;
    throw new Error(`"${problem?.path.join('.')}" is not what Cordon wrote`);
  }
  const { quarantineVersion: _, evidence, ...record } = parsed.data;
  if (record.plugin !== plugin) throw new Error('it is about another plugin');
  return freezeRecord({ ...record, evidence: deepFreeze(evidence) as readonly ViolationEvent[] });
}

function readJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new Error('it is no JSON');
  }
}
