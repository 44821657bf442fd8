import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { AuditAsk, GuestCall } from '../bridge/guest-call.js';
import { cordonError } from '../errors/cordon-error.js';
import type { ViolationKind } from '../events/violation-event.js';
import { quote } from '../log/quote.js';
import type { Manifest } from '../manifest/manifest.js';
import type { MountTarget } from '../manifest/permissions.js';
import { type AuditedPermissions, AuditTrail } from '../policy/audit-trail.js';
import type { Grant } from '../policy/grants.js';
import { canonicalGuestPath, isScratch, pathOf } from '../policy/mounts.js';
import type { AskOrigin } from './ask-origin.js';
import type { OpenableMounts } from './mounts.js';
import type { PluginUnit } from './plugin-unit.js';
import type { Runtime } from './runtime.js';
import { exposedBy, type TrustedPlace } from './trusted-places.js';

/** Trails of plugins that are gone are kept, the latest so many. */
const MAX_TRAILS = 1_000;
/** How many different things that were let through are told of one loaded plugin. */
const MAX_TOLD = 1_000;

/** Kinds of violations that audit mode lets through: none of them leads to quarantine there, or the run would end. */
export const AUDITED_KINDS: readonly ViolationKind[] = ['http', 'fs', 'env', 'host-function', 'plugin-call'];

/** The trail of a plugin by its name; reloads go on in the same one. */
export function trailOf(runtime: Runtime, name: string): AuditTrail {
  const { audits } = runtime;
  const trail = audits.get(name) ?? new AuditTrail();
  audits.delete(name);
  audits.set(name, trail);
  for (const [other] of audits) {
    if (audits.size <= MAX_TRAILS) break;
    if (!runtime.units.has(other)) audits.delete(other);
  }
  return trail;
}

/** What audit mode does about one loaded plugin beside what its grant allows. */
export class PluginAudit {
  readonly trail: AuditTrail;
  readonly #runtime: Runtime;
  readonly #grant: Grant;
  readonly #unit: () => PluginUnit;
  readonly #told = new Set<string>();

  constructor(runtime: Runtime, grant: Grant, unit: () => PluginUnit) {
    this.#runtime = runtime;
    this.#grant = grant;
    this.#unit = unit;
    this.trail = trailOf(runtime, grant.plugin);
  }

  /** Tells the first time that something was let through. */
  tell(
    kind: ViolationKind,
    what: string,
    call: GuestCall | undefined,
    detail: Record<string, unknown>,
  ): void {
    if (!this.isNew(`${kind} ${what}`)) return;
    const message = `${this.#grant.plugin} ${what}, which no grant covers; audit mode let it through.`;
    const violation = { kind, message, detail: { ...detail, audited: true } };
    this.#runtime.violate(this.#unit(), violation, (call as AskOrigin | undefined)?.parent.call);
  }

  /** Has this not been told yet? */
  isNew(key: string): boolean {
    if (this.#told.has(key) || this.#told.size >= MAX_TOLD) return false;
    this.#told.add(key);
    return true;
  }

  /** A guest used something of its WASI for the first time. */
  used(ask: AuditAsk, call: GuestCall): void {
    const { env, fs, asked } = this.#grant;
    if (ask.what === 'env') {
      this.trail.env(asked.env);
      const missing = asked.env.filter((name) => !env.includes(name));
      if (missing.length > 0) this.tell('env', `read ${missing.join(', ')}`, call, { names: missing });
      return;
    }
    const { path, access } = ask;
    const target = targetOf(this.#grant, path);
    if (target === undefined) return;
    this.trail.mount(path, access, target);
    const granted = Object.hasOwn(fs.write, path) || Object.hasOwn(fs.read, path);
    if (!granted) this.tell('fs', `${access === 'read' ? 'read' : 'wrote'} ${path}`, call, { path, access });
  }

  /** A plugin calls one that it was not granted. */
  calledPlugin(name: string, granted: boolean, call: GuestCall): void {
    this.trail.plugin(name);
    if (!granted) this.tell('plugin-call', `called plugin ${quote(name)}`, call, { target: name });
  }

  /** A host function was called. */
  calledFunction(name: string, call: GuestCall): void {
    const request = this.#grant.asked.hostFunctions.find((one) => one.name === name);
    this.trail.hostFunction(name, request?.optional ?? false);
    if (this.#grant.hostFunctions.includes(name)) return;
    this.tell('host-function', `called host function ${quote(name)}`, call, { hostFunction: name });
  }
}

/** What the manifest says stands behind a path: that is what its `permissions` would say again. */
function targetOf({ asked, fs }: Grant, path: string): MountTarget | undefined {
  for (const table of [asked.fs.write, asked.fs.read, fs.write, fs.read]) {
    for (const [guestPath, target] of Object.entries<MountTarget>(table)) {
      if (canonicalGuestPath(guestPath) === path) return target;
    }
  }
  return undefined;
}

/** The grant that imports and environment are held against in audit mode: all host functions, all that was asked for. */
export function auditedGrant(runtime: Runtime, grant: Grant): Grant {
  const functions = Object.values(runtime.options.hostFunctions).flatMap((map) => Object.keys(map));
  return { ...grant, hostFunctions: functions, env: grant.asked.env };
}

/**
 * The mounts that the manifest asks for and no grant covers, at the host paths that the manifest proposes: only folders
 * below the working directory, because the manifest is the plugin's own word.
 */
export async function auditedMounts(
  runtime: Runtime,
  { name, version }: Manifest,
  { asked, fs }: Grant,
  trusted: readonly TrustedPlace[],
): Promise<OpenableMounts> {
  const mounts: OpenableMounts['mounts'][number][] = [];
  const scratch: OpenableMounts['scratch'][number][] = [];
  const taken = new Set([...Object.keys(fs.read), ...Object.keys(fs.write)]);
  for (const access of ['write', 'read'] as const) {
    for (const [path, target] of Object.entries<MountTarget>(asked.fs[access])) {
      const guestPath = canonicalGuestPath(path);
      if (taken.has(guestPath)) continue;
      taken.add(guestPath);
      if (isScratch(target)) {
        scratch.push({ guestPath, maxBytes: target.quotaBytes });
        continue;
      }
      const hostPath = await folderBelowHere(pathOf(target));
      const exposed = hostPath !== undefined && access === 'write' && exposedBy(hostPath, trusted);
      if (hostPath === undefined || exposed) {
        const why = exposed
          ? `could change the host's "${exposed.option}"`
          : 'is no folder below the working directory';
        runtime.warn(
          'audit',
          `Audit mode does not mount ${quote(pathOf(target))} for ${name} as ${guestPath}: it ${why}.`,
          {
            plugin: name,
            version,
            detail: { guestPath, hostPath: pathOf(target) },
          },
        );
        continue;
      }
      const quota = typeof target === 'string' ? {} : { quotaBytes: target.quotaBytes };
      mounts.push({ guestPath, hostPath, access, ...quota });
    }
  }
  return { mounts, scratch };
}

async function folderBelowHere(path: string): Promise<string | undefined> {
  try {
    const [here, folder] = [await realpath('.'), await realpath(resolve(path))];
    const way = relative(here, folder);
    const isBelow = way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
    return isBelow && (await stat(folder)).isDirectory() ? folder : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The answer of `host.audit`.
 * @throws ERR_STATE where the host is not in audit mode, and what `loaded` throws for a plugin that never ran
 */
export function auditOf(runtime: Runtime, name: string, loaded: () => unknown): AuditedPermissions {
  if (runtime.options.mode !== 'audit') {
    throw cordonError(
      'ERR_STATE',
      'host.audit answers in audit mode only: create the host with mode: "audit".',
    );
  }
  const trail = runtime.audits.get(name);
  if (!trail) loaded();
  return (trail ?? new AuditTrail()).permissions();
}
