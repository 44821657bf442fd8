import type { CordonError } from '../errors/cordon-error.js';
import { publishViolation } from '../events/channels.js';
import type { ViolationKind } from '../events/violation-event.js';
import type { Manifest } from '../manifest/manifest.js';
import type { Runtime } from './runtime.js';

/** Errors of a load that are violations by their code. */
export const REFUSALS: Partial<
  Record<string, 'integrity' | 'signature' | 'bytecode' | 'feature' | 'host-function' | 'memory'>
> = {
  ERR_INTEGRITY: 'integrity',
  ERR_SIGNATURE: 'signature',
  ERR_BYTECODE: 'bytecode',
  ERR_FEATURE: 'feature',
  ERR_PERMISSION: 'host-function',
  ERR_MEMORY: 'memory',
};

/** Every refusal is visible: what is wrong with a module is a violation too, though no plugin came of it. */
export function recordRefusal(
  runtime: Runtime,
  manifest: Pick<Manifest, 'name' | 'version'>,
  failure: CordonError,
): void {
  const kind = REFUSALS[failure.code];
  if (kind) recordViolation(runtime, manifest, kind, failure);
}

/** Records what an error tells, and tells about it; nobody is put into quarantine for it. */
export function recordViolation(
  runtime: Runtime,
  { name: plugin, version }: Pick<Manifest, 'name' | 'version'>,
  kind: ViolationKind,
  failure: CordonError,
): void {
  const { violation } = runtime.ledger.record({
    plugin,
    version,
    kind,
    message: failure.message,
    detail: failure.details,
  });
  runtime.stats.violated(kind);
  runtime.emitter.emit('violation', violation);
  publishViolation(runtime.emitter, violation);
}
