import type { Manifest } from '../manifest/manifest.js';
import { ownValue } from '../manifest/own-value.js';
import type { Grant } from '../policy/grants.js';
import type { WasiSpec } from '../sandbox/protocol.js';
import { auditedMounts } from './audit.js';
import type { Embedding } from './embedding.js';
import { openableMounts } from './mounts.js';
import type { Runtime } from './runtime.js';
import { trustedPlaces } from './trusted-places.js';

export interface WasiSpecOptions {
  readonly grant: Grant;
  /** The same with what audit mode lets through. */
  readonly linkable: Grant;
  /** A child process counts by itself: memory is not shared with it. */
  readonly countsQuotas: boolean;
  /** In place of the granted mounts. */
  readonly instead: Embedding['wasi'] | undefined;
}

/** What a plugin's WASI is made of: the mounts and the environment that were granted. @throws ERR_PERMISSION, ERR_OPTIONS for mounts that cannot be opened */
export async function wasiSpec(
  runtime: Runtime,
  manifest: Manifest,
  { grant, linkable, countsQuotas, instead }: WasiSpecOptions,
): Promise<WasiSpec> {
  const { doubles } = runtime.options;
  const mounts = instead ?? (await mountsFor(runtime, manifest, grant));
  return {
    env: grantedEnv(linkable, doubles?.env),
    ...mounts,
    ...(countsQuotas && { mounts: runtime.quotas.with(mounts.mounts) }),
    ...(doubles && { fixed: doubles.wasi }),
  };
}

async function mountsFor(runtime: Runtime, manifest: Manifest, grant: Grant) {
  const trusted = await trustedPlaces(runtime);
  const granted = await openableMounts(manifest, grant, trusted);
  if (runtime.options.mode !== 'audit') return granted;
  const more = await auditedMounts(runtime, manifest, grant, trusted);
  return {
    mounts: [...granted.mounts, ...more.mounts],
    scratch: [...granted.scratch, ...more.scratch],
    audit: true,
  };
}

/** Only what was granted, and of that only what is set. */
function grantedEnv(
  grant: Grant,
  from: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of grant.env) {
    const value = ownValue(from, name);
    if (value !== undefined) env[name] = value;
  }
  return env;
}
