import type { HttpRule, Permissions } from '../manifest/permissions.js';
import { classifyAddress } from './address-ranges.js';
import { namesAddress } from './host-pattern.js';
import { canonicalRule, describeRule, type EgressRule, intersectRules } from './http-rule.js';
import { canonicalGuestPath, grantMounts, type Mounts } from './mounts.js';
import { type PermissionKind, type Refusal, type RefusingSide, refusal } from './refusal.js';

/** What decides about a plugin's requests: the rules in force, and what was asked, so that a refusal can name its side. */
export interface EgressRules {
  readonly plugin: string;
  readonly effective: readonly EgressRule[];
  /** Canonical. */
  readonly asked: readonly HttpRule[];
}

/** What one plugin may do: asked ∩ granted, deeply frozen, fixed when the plugin is loaded. */
export interface Grant {
  readonly plugin: string;
  readonly http: EgressRules;
  readonly fs: Mounts;
  readonly env: readonly string[];
  readonly hostFunctions: readonly string[];
  /** Plugins that may be called, dependencies included. */
  readonly plugins: readonly string[];
  /** What was asked for and not granted, in the manifest's order. */
  readonly refused: Readonly<Record<PermissionKind, readonly Refusal[]>>;
  /** What the manifest asks for, as it was given. */
  readonly asked: Permissions;
}

/** Arguments of {@link grantPermissions}. */
export interface GrantRequest {
  /** The plugin's name, for messages. */
  readonly plugin: string;
  /** The manifest's `permissions`. */
  readonly asked: Permissions;
  /** The host's `grants`, those of `'*'` and of the plugin's name together. */
  readonly granted: Permissions;
  /** Names of the plugin's dependencies: they may be called without being asked for or granted. Default none. */
  readonly dependencies?: readonly string[] | undefined;
}

const NONE: readonly never[] = Object.freeze([]);
const NO_MOUNTS: Mounts = Object.freeze({ read: Object.freeze({}), write: Object.freeze({}) });
const NOTHING_REFUSED: Grant['refused'] = Object.freeze({
  http: NONE,
  fs: NONE,
  env: NONE,
  hostFunctions: NONE,
  plugins: NONE,
});

/** Most plugins ask for nothing, and get one and the same. */
function noGrant(plugin: string, asked: Permissions): Grant {
  return Object.freeze({
    plugin,
    http: Object.freeze({ plugin, effective: NONE, asked: NONE }),
    fs: NO_MOUNTS,
    env: NONE,
    hostFunctions: NONE,
    plugins: NONE,
    refused: NOTHING_REFUSED,
    asked,
  });
}

function asksNothing({ http, fs, env, hostFunctions, plugins }: Permissions): boolean {
  return (
    [http, env, hostFunctions, plugins].every(({ length }) => length === 0) &&
    [fs.read, fs.write].every((mounts) => Object.keys(mounts).length === 0)
  );
}

/** Intersects what a manifest asks for with what the host grants. Symbolic: nothing is resolved, opened or looked up. */
export function grantPermissions(request: GrantRequest): Grant {
  const { plugin, asked, granted, dependencies = [] } = request;
  if (dependencies.length === 0 && asksNothing(asked)) return noGrant(plugin, asked);
  const refuse = (kind: PermissionKind, what: string, partly = false) =>
    refusal(plugin, kind, what, 'host', partly);
  const http = grantHttp(asked.http, granted.http);
  const fs = grantMounts(asked.fs, granted.fs);
  const env = split(asked.env, granted.env);
  const functions = split(
    asked.hostFunctions.map(({ name }) => name),
    granted.hostFunctions.map(({ name }) => name),
  );
  const plugins = split([...dependencies, ...asked.plugins], [...dependencies, ...granted.plugins]);
  return Object.freeze({
    plugin,
    http: Object.freeze({ plugin, effective: http.effective, asked: http.asked }),
    fs: fs.mounts,
    env: env.both,
    hostFunctions: functions.both,
    plugins: plugins.both,
    refused: Object.freeze({
      http: Object.freeze(http.missing.map(({ rule, partly }) => refuse('http', describeRule(rule), partly))),
      fs: Object.freeze(fs.uncovered.map(({ mode, path }) => refuse('fs', `${mode} ${path}`))),
      env: Object.freeze(env.missing.map((name) => refuse('env', name))),
      hostFunctions: Object.freeze(functions.missing.map((name) => refuse('hostFunctions', name))),
      plugins: Object.freeze(plugins.missing.map((name) => refuse('plugins', name))),
    }),
    asked,
  });
}

/**
 * Why `what` is not in the grant, for a call that was refused: `what` is a name (`env`, `hostFunctions`, `plugins`) or
 * a guest path (`fs`). Requests have `checkUrl`, which says it by itself.
 */
export function explainRefusal(grant: Grant, kind: Exclude<PermissionKind, 'http'>, what: string): Refusal {
  const side: RefusingSide = askedFor(grant.asked, kind, what) ? 'host' : 'manifest';
  return refusal(grant.plugin, kind, what, side);
}

function askedFor(asked: Permissions, kind: Exclude<PermissionKind, 'http'>, what: string): boolean {
  if (kind === 'hostFunctions') return asked.hostFunctions.some(({ name }) => name === what);
  if (kind !== 'fs') return asked[kind].includes(what);
  const path = canonicalGuestPath(what);
  return [...Object.keys(asked.fs.read), ...Object.keys(asked.fs.write)]
    .map(canonicalGuestPath)
    .some((mount) => mount === '/' || path === mount || path.startsWith(`${mount}/`));
}

interface HttpGrant {
  readonly effective: readonly EgressRule[];
  readonly asked: readonly HttpRule[];
  readonly missing: readonly { readonly rule: HttpRule; readonly partly: boolean }[];
}

function grantHttp(asked: readonly HttpRule[], granted: readonly HttpRule[]): HttpGrant {
  const askedRules = asked.map(canonicalRule);
  const grantedRules = granted.map(canonicalRule);
  const effective = new Map<string, EgressRule>();
  const missing: { rule: HttpRule; partly: boolean }[] = [];
  for (const rule of askedRules) {
    const found = grantedRules.flatMap((grant) => intersectRules(rule, grant) ?? []);
    for (const each of found) effective.set(keyOf(each), effective.get(keyOf(each)) ?? each);
    const usable = found.filter((each) => each.literal || !needsLiteral(each.host));
    if (!usable.some((each) => isWhole(rule, each))) missing.push({ rule, partly: usable.length > 0 });
  }
  return { effective: Object.freeze([...effective.values()]), asked: Object.freeze(askedRules), missing };
}

/** A host that is reachable only where a grant names it: `localhost`, or an address that is not public. */
function needsLiteral(host: string): boolean {
  return host === 'localhost' || (namesAddress(host) && classifyAddress(host).kind !== 'public');
}

/** True if `part`, a result of intersecting `rule`, has lost nothing of it. */
function isWhole(rule: HttpRule, part: HttpRule): boolean {
  return (
    rule.host === part.host &&
    rule.schemes?.length === part.schemes?.length &&
    rule.ports?.length === part.ports?.length &&
    rule.methods?.length === part.methods?.length
  );
}

function keyOf({ host, schemes, ports, methods, literal }: EgressRule): string {
  return JSON.stringify([host, schemes, ports, methods, literal]);
}

function split(
  asked: readonly string[],
  granted: readonly string[],
): { both: readonly string[]; missing: string[] } {
  const allowed = new Set(granted);
  const names = [...new Set(asked)];
  return {
    both: Object.freeze(names.filter((name) => allowed.has(name))),
    missing: names.filter((name) => !allowed.has(name)),
  };
}
