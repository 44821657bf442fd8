import type { MountTarget } from '../manifest/permissions.js';
import { namesAddress } from './host-pattern.js';
import type { EgressTarget } from './http-rule.js';

/** How many different requests are kept one by one; more hosts than a manifest may name become `*`. */
const MAX_REQUESTS = 1_000;
const MAX_RULES = 100;
const MAX_LIST = 32;

/** A rule as a manifest has it. */
export interface AuditedHttpRule {
  readonly host: string;
  readonly schemes: readonly ('http' | 'https')[];
  readonly ports?: readonly number[];
  readonly methods?: readonly string[];
}

/** What a run needed, in the shape of a manifest's `permissions`; parts of which nothing was used are absent. */
export interface AuditedPermissions {
  readonly http?: readonly AuditedHttpRule[];
  readonly fs?: {
    readonly read?: Readonly<Record<string, MountTarget>>;
    readonly write?: Readonly<Record<string, MountTarget>>;
  };
  readonly env?: readonly string[];
  readonly hostFunctions?: readonly (string | { readonly name: string; readonly optional: true })[];
  readonly plugins?: readonly string[];
}

/**
 * Remembers what one plugin used, granted or not, and says the least permissions that would have been enough. Bounded,
 * whatever the plugin does. The same uses in any order give the same answer.
 */
export class AuditTrail {
  readonly #requests = new Map<string, EgressTarget>();
  readonly #mounts = new Map<string, { access: 'read' | 'write'; readonly target: MountTarget }>();
  readonly #env = new Set<string>();
  /** With whether it is needed to load. */
  readonly #hostFunctions = new Map<string, boolean>();
  readonly #plugins = new Set<string>();

  /** A request that went out. */
  request({ scheme, host, port, method }: EgressTarget): void {
    const whole = { scheme, host, port, method };
    const kept = this.#requests.size < MAX_REQUESTS || namesAddress(host) ? whole : { ...whole, host: '*' };
    const key = `${kept.scheme} ${kept.host} ${kept.port} ${kept.method}`;
    if (this.#requests.size < 2 * MAX_REQUESTS || this.#requests.has(key)) this.#requests.set(key, kept);
  }

  /** A folder was read, or something in it changed. */
  mount(guestPath: string, access: 'read' | 'write', target: MountTarget): void {
    const known = this.#mounts.get(guestPath);
    if (known === undefined) this.#mounts.set(guestPath, { access, target });
    else if (access === 'write') known.access = 'write';
  }

  /** The environment was looked at while these could be seen. */
  env(names: readonly string[]): void {
    for (const name of names) this.#env.add(name);
  }

  /** A function was imported or called; `optional` where the plugin would load without it. */
  hostFunction(name: string, optional: boolean): void {
    this.#hostFunctions.set(name, optional && (this.#hostFunctions.get(name) ?? true));
  }

  /** Another plugin was called that is no dependency. */
  plugin(name: string): void {
    this.#plugins.add(name);
  }

  /** The least permissions; JSON data, frozen, everything in order. */
  permissions(): AuditedPermissions {
    const http = rulesOf([...this.#requests.values()]);
    const read = this.#mountsFor('read');
    const write = this.#mountsFor('write');
    const fs = { ...(read && { read }), ...(write && { write }) };
    const hostFunctions = inOrder(this.#hostFunctions.keys()).map((name) =>
      this.#hostFunctions.get(name) ? Object.freeze({ name, optional: true as const }) : name,
    );
    return Object.freeze({
      ...(http.length > 0 && { http: Object.freeze(http) }),
      ...((read || write) && { fs: Object.freeze(fs) }),
      ...(this.#env.size > 0 && { env: Object.freeze(inOrder(this.#env)) }),
      ...(hostFunctions.length > 0 && { hostFunctions: Object.freeze(hostFunctions) }),
      ...(this.#plugins.size > 0 && { plugins: Object.freeze(inOrder(this.#plugins)) }),
    });
  }

  #mountsFor(access: 'read' | 'write'): Readonly<Record<string, MountTarget>> | undefined {
    const paths = [...this.#mounts].filter(([, mount]) => mount.access === access).map(([path]) => path);
    if (paths.length === 0) return undefined;
    const entries = inOrder(paths).map((path) => [path, readable(access, this.#mounts.get(path)!.target)]);
    return Object.freeze(Object.fromEntries(entries));
  }
}

/** A read mount has a path and nothing else. */
function readable(access: 'read' | 'write', target: MountTarget): MountTarget {
  if (access === 'write' || typeof target === 'string' || !('path' in target)) return target;
  return target.path;
}

/** Rules that cover these requests and, but for their number, no others: one for each host, scheme and set of methods. */
function rulesOf(requests: readonly EgressTarget[]): AuditedHttpRule[] {
  const rules = mergePorts(requests);
  if (rules.length <= MAX_RULES) return rules;
  const literal = requests.filter(({ host }) => namesAddress(host));
  const named = requests.filter(({ host }) => !namesAddress(host));
  const wide = mergePorts(literal).slice(0, MAX_RULES - 1);
  const everywhere = {
    host: '*',
    schemes: Object.freeze(inOrder(new Set(named.map(({ scheme }) => scheme)))),
    ...listed('ports', new Set(named.map(({ port }) => port))),
    ...listed('methods', new Set(named.map(({ method }) => method))),
  };
  return [everywhere, ...wide];
}

function mergePorts(requests: readonly EgressTarget[]): AuditedHttpRule[] {
  const methods = new Map<string, { readonly target: EgressTarget; readonly methods: Set<string> }>();
  for (const target of requests) {
    const place = `${target.host} ${target.scheme} ${String(target.port).padStart(5, '0')}`;
    const known = methods.get(place) ?? { target, methods: new Set() };
    methods.set(place, known);
    known.methods.add(target.method);
  }
  const rules = new Map<
    string,
    { readonly target: EgressTarget; readonly methods: Set<string>; ports: Set<number> }
  >();
  for (const place of inOrder(methods.keys())) {
    const { target, methods: used } = methods.get(place)!;
    const key = `${target.host} ${target.scheme} ${inOrder(used).join(' ')}`;
    const rule = rules.get(key) ?? { target, methods: used, ports: new Set() };
    rules.set(key, rule);
    rule.ports.add(target.port);
  }
  return [...rules.values()].map(({ target, methods: used, ports }) =>
    Object.freeze({
      host: target.host,
      schemes: Object.freeze([target.scheme]),
      ...listed('ports', ports),
      ...listed('methods', used),
    }),
  );
}

/** Absent where there are more than a rule may list: then it does not narrow. */
function listed<Key extends string, T extends string | number>(key: Key, values: ReadonlySet<T>) {
  if (values.size > MAX_LIST) return {};
  return { [key]: Object.freeze(inOrder(values)) } as { [Name in Key]: readonly T[] };
}

function inOrder<T extends string | number>(values: Iterable<T>): T[] {
  return [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
