import { type AddressKind, classifyAddress } from './address-ranges.js';
import type { EgressAllowed, EgressRefused } from './egress.js';
import type { EgressRules } from './grants.js';
import { namesAddress } from './host-pattern.js';
import { ruleCovers } from './http-rule.js';

/** Where a developer's own servers are. Link-local and the like are for the metadata of clouds, with their passwords. */
const NEAR: ReadonlySet<AddressKind> = new Set(['loopback', 'private', 'unique-local']);

/**
 * What audit mode makes of a refusal: the request as if a grant had named its host, or undefined where it stays refused.
 * Every public host is let through; of the others only a literal one that the manifest itself asks for, on loopback or in
 * a private network.
 */
export function letThrough(refused: EgressRefused, { asked }: EgressRules): EgressAllowed | undefined {
  const { url, scheme, host, port, method } = refused;
  if (!url || !scheme || !host || !port || !method) return undefined;
  const target = { scheme, host, port, method };
  const literal = namesAddress(host);
  if (literal && !isPublic(host)) {
    const kind = host === 'localhost' ? 'loopback' : classifyAddress(host).kind;
    const named = asked.some((rule) => rule.host === host && ruleCovers(rule, target));
    if (!named || !NEAR.has(kind)) return undefined;
  }
  return { allowed: true, url, ...target, rule: Object.freeze({ host, literal }) };
}

function isPublic(host: string): boolean {
  return host !== 'localhost' && classifyAddress(host).kind === 'public';
}
