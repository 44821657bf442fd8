import type { HttpRule } from '../manifest/permissions.js';
import { canonicalHost, intersectHosts, namesAddress, patternCoversHost } from './host-pattern.js';

/** A rule in force: asked for and granted. Hosts are canonical, lists sorted and without repeats. */
export interface EgressRule extends HttpRule {
  /**
   * The host's grant names this very address, or `localhost`. Only then may the rule reach an address that is not
   * public: exactly that address, or loopback for `localhost`.
   */
  readonly literal: boolean;
  /** In place of the pattern, where its host is no pattern of a manifest's. */
  readonly matches?: (host: string) => boolean;
}

/** One request as rules see it. */
export interface EgressTarget {
  readonly scheme: 'http' | 'https';
  /** Canonical, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Upper case. */
  readonly method: string;
}

/** The rule in the one spelling that is compared. */
export function canonicalRule(rule: HttpRule): HttpRule {
  return Object.freeze({
    host: canonicalHost(rule.host),
    ...(rule.schemes && { schemes: sorted(rule.schemes) }),
    ...(rule.ports && { ports: sorted(rule.ports) }),
    ...(rule.methods && { methods: sorted(rule.methods.map((method) => method.toUpperCase())) }),
    ...(rule.reason !== undefined && { reason: rule.reason }),
  });
}

/** True if the target lies in the canonical rule. Says nothing about addresses. */
export function ruleCovers(
  rule: HttpRule & Pick<Partial<EgressRule>, 'matches'>,
  target: EgressTarget,
): boolean {
  return (
    (rule.matches?.(target.host) ?? patternCoversHost(rule.host, target.host)) &&
    (rule.schemes?.includes(target.scheme) ?? true) &&
    (rule.ports?.includes(target.port) ?? true) &&
    (rule.methods?.includes(target.method) ?? true)
  );
}

/** The rule whose targets are exactly those of both canonical rules; `undefined` where there are none. */
export function intersectRules(asked: HttpRule, granted: HttpRule): EgressRule | undefined {
  const host = intersectHosts(asked.host, granted.host);
  const schemes = intersectLists(asked.schemes, granted.schemes);
  const ports = intersectLists(asked.ports, granted.ports);
  const methods = intersectLists(asked.methods, granted.methods);
  if (host === undefined || schemes?.length === 0 || ports?.length === 0 || methods?.length === 0)
    return undefined;
  return Object.freeze({
    host,
    ...(schemes && { schemes }),
    ...(ports && { ports }),
    ...(methods && { methods }),
    ...(asked.reason !== undefined && { reason: asked.reason }),
    literal: namesAddress(granted.host),
  });
}

/** A rule for people: `https://*.example.com, port 443, GET or HEAD`. */
export function describeRule(rule: HttpRule): string {
  const parts = [rule.schemes?.length === 1 ? `${rule.schemes[0]}://${rule.host}` : rule.host];
  if (rule.ports) parts.push(`port ${rule.ports.join(' or ')}`);
  if (rule.methods) parts.push(rule.methods.join(' or '));
  return parts.join(', ');
}

/** Absent means everything. */
function intersectLists<T>(
  a: readonly T[] | undefined,
  b: readonly T[] | undefined,
): readonly T[] | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  return Object.freeze(a.filter((item) => b.includes(item)));
}

function sorted<T extends string | number>(items: readonly T[]): readonly T[] {
  return Object.freeze([...new Set(items)].sort());
}
