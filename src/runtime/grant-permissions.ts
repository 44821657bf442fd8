import { abortable } from '../integrity/abortable.js';
import type { Manifest } from '../manifest/manifest.js';
import { parsePermissions } from '../manifest/parse-host-value.js';
import { NO_PERMISSIONS, type Permissions } from '../manifest/permissions.js';
import { type Grant, grantPermissions } from '../policy/grants.js';
import type { RuntimeOptions } from './runtime-options.js';

/**
 * What the plugin gets: what its manifest asks for, so far as the host's grants, for all and for its name, have it.
 * What they do not cover is put to `onPermissionRequest`, once.
 */
export async function grantFor(
  options: RuntimeOptions,
  manifest: Manifest,
  dependencies: readonly string[],
  signal?: AbortSignal,
): Promise<Grant> {
  const { grants, onPermissionRequest } = options;
  const { name: plugin, permissions: asked } = manifest;
  const granted = merge(ownOf(grants, '*'), ownOf(grants, plugin));
  const grant = grantPermissions({ plugin, asked, granted, dependencies });
  const uncovered = Object.values(grant.refused).flat();
  if (uncovered.length === 0 || !onPermissionRequest) return grant;
  const request = { plugin, version: manifest.version, permissions: uncoveredPart(asked, grant), manifest };
  const answering = Promise.resolve(onPermissionRequest(request));
  const answer = await abortable(answering, signal, `waiting for onPermissionRequest about ${plugin}`);
  if (answer === 'deny') return grant;
  const more = answer === 'grant' ? asked : parsePermissions(answer, 'The answer of onPermissionRequest');
  return grantPermissions({ plugin, asked, granted: merge(granted, more), dependencies });
}

function ownOf(grants: Readonly<Record<string, Permissions>>, name: string): Permissions {
  return Object.hasOwn(grants, name) ? grants[name]! : NO_PERMISSIONS;
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
  const mounts = (mode: 'read' | 'write') =>
    Object.fromEntries(
      Object.entries(asked.fs[mode]).filter(([path]) => missing('fs').has(`${mode} ${path}`)),
    );
  return Object.freeze({
    http: refused.http.length > 0 ? asked.http : [],
    fs: { read: mounts('read'), write: mounts('write') },
    env: asked.env.filter((name) => missing('env').has(name)),
    hostFunctions: asked.hostFunctions.filter(({ name }) => missing('hostFunctions').has(name)),
    plugins: asked.plugins.filter((name) => missing('plugins').has(name)),
  });
}
