import { cordonError } from '../errors/cordon-error.js';
import { abortable } from '../integrity/abortable.js';
import { deepFreeze } from '../manifest/deep-freeze.js';
import type { Manifest } from '../manifest/manifest.js';
import { ownValue } from '../manifest/own-value.js';
import { parsePermissions } from '../manifest/parse-permissions.js';
import { NO_PERMISSIONS, type Permissions } from '../manifest/permissions.js';
import { withoutUndefined } from '../manifest/schema-parts.js';
import { consentText } from '../policy/consent-text.js';
import { type Grant, grantPermissions } from '../policy/grants.js';
import { notCovered } from '../policy/permission-diff.js';
import type { RuntimeOptions, UncoveredRequest } from './runtime-options.js';

/** What a plugin gets, and what of it comes from an answer. */
export interface Granted {
  readonly grant: Grant;
  /** What `onPermissionRequest` answered, now or before; undefined where nobody was asked. */
  readonly answered: Permissions | undefined;
}

/** What is known of a plugin from before this load. */
export interface Earlier {
  /** What was answered about just this request. */
  readonly remembered: Permissions | undefined;
  /** The version that serves, or that was last decided on. */
  readonly previous: { readonly version: string; readonly permissions: Permissions } | undefined;
}

/**
 * What the plugin gets: what its manifest asks for, so far as the host's grants, for all and for its name, have it.
 * What they do not cover is put to `onPermissionRequest`, once: an answer that is remembered stands in for it.
 */
export async function grantFor(
  options: RuntimeOptions,
  manifest: Manifest,
  dependencies: readonly string[],
  { remembered, previous }: Earlier,
  signal?: AbortSignal,
): Promise<Granted> {
  const { grants, mode, onPermissionRequest } = options;
  const { name: plugin, permissions: asked } = manifest;
  const granted = merge(ownValue(grants, '*') ?? NO_PERMISSIONS, ownValue(grants, plugin) ?? NO_PERMISSIONS);
  const grant = grantPermissions({ plugin, asked, granted, dependencies });
  const uncovered = Object.values(grant.refused).flat();
  // Where both name a folder, the grant that stands in the host's options wins.
  const answered = (more: Permissions): Granted => ({
    grant: grantPermissions({ plugin, asked, granted: merge(more, granted), dependencies }),
    answered: more,
  });
  if (remembered) return answered(remembered);
  // In audit mode nothing is decided: what is not granted is let through and written down.
  if (uncovered.length === 0 || !onPermissionRequest || mode === 'audit')
    return { grant, answered: undefined };
  const request = requestFor(manifest, uncoveredPart(asked, grant), previous);
  const answer = await ask(onPermissionRequest, request, signal);
  if (answer === 'deny') return answered(NO_PERMISSIONS);
  // What was shown, not all that is asked for: a grant that the host takes back later is not hidden in the answer.
  if (answer === 'grant') return answered(request.permissions);
  return answered(parsePermissions(answer, 'The answer of onPermissionRequest'));
}

/** @throws ERR_OPTIONS where the handler throws or rejects, with its error as the cause; ERR_ABORTED */
async function ask(
  handler: NonNullable<RuntimeOptions['onPermissionRequest']>,
  request: UncoveredRequest,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const answering = (async () => {
    try {
      return await handler(request);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw cordonError(
        'ERR_OPTIONS',
        `onPermissionRequest failed when it was asked about ${request.plugin}@${request.version}: ${why}`,
        { cause, plugin: request.plugin, version: request.version },
      );
    }
  })();
  return abortable(answering, signal, `waiting for onPermissionRequest about ${request.plugin}`);
}

function requestFor(
  manifest: Manifest,
  permissions: Permissions,
  previous: Earlier['previous'],
): UncoveredRequest {
  const before = previous?.permissions ?? NO_PERMISSIONS;
  const facts = {
    plugin: manifest.name,
    version: manifest.version,
    previous,
    permissions,
    added: notCovered(permissions, before),
    removed: notCovered(before, manifest.permissions),
  };
  return deepFreeze({ ...withoutUndefined(facts), manifest, summary: consentText(facts) });
}

function merge(a: Permissions, b: Permissions): Permissions {
  return {
    http: [...a.http, ...b.http],
    fs: { read: { ...a.fs.read, ...b.fs.read }, write: { ...a.fs.write, ...b.fs.write } },
    env: [...a.env, ...b.env],
    hostFunctions: [...a.hostFunctions, ...b.hostFunctions],
    plugins: [...a.plugins, ...b.plugins],
  };
}

/** The part of the request that somebody has to decide on: whole entries, so that a person sees what was written. */
function uncoveredPart(asked: Permissions, { refused }: Grant): Permissions {
  const missing = (kind: keyof typeof refused) => new Set(refused[kind].map(({ what }) => what));
  const mounts = <T>(mode: 'read' | 'write', table: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(table).filter(([path]) => missing('fs').has(`${mode} ${path}`)));
  return deepFreeze({
    http: refused.http.length > 0 ? asked.http : [],
    fs: { read: mounts('read', asked.fs.read), write: mounts('write', asked.fs.write) },
    env: asked.env.filter((name) => missing('env').has(name)),
    hostFunctions: asked.hostFunctions.filter(({ name }) => missing('hostFunctions').has(name)),
    plugins: asked.plugins.filter((name) => missing('plugins').has(name)),
  });
}
