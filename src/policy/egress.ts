import { isIP } from 'node:net';
import { type AddressRange, classifyAddress } from './address-ranges.js';
import type { EgressRules } from './grants.js';
import { bareHost, namesAddress } from './host-pattern.js';
import { describeRule, type EgressRule, type EgressTarget, ruleCovers } from './http-rule.js';
import { sameAddress } from './ip-address.js';
import { redactUrl } from './redact-url.js';
import { type RefusingSide, refusal } from './refusal.js';

/** The longest URL, in characters after parsing. */
export const MAX_URL_CHARACTERS = 8_192;

/**
 * Why a request is refused. `manifest` and `grant`: no rule covers it, and which side that is. `address`: a rule does,
 * but the address is not public and no grant names it. `invalid`: the text is no URL at all, so nothing was reached for.
 * The others no grant can change.
 */
export type EgressReason =
  | 'invalid'
  | 'url'
  | 'scheme'
  | 'userinfo'
  | 'host'
  | 'method'
  | 'manifest'
  | 'grant'
  | 'address';

/** A request that may go out, to exactly this URL. */
export interface EgressAllowed extends EgressTarget {
  readonly allowed: true;
  readonly url: URL;
  readonly rule: EgressRule;
}

/** A request that may not. */
export interface EgressRefused extends Partial<EgressTarget> {
  readonly allowed: false;
  readonly reason: EgressReason;
  /** Which side refused, where one of them could have allowed it. */
  readonly side?: RefusingSide;
  /** A clause without a full stop. */
  readonly message: string;
  /** Without query and userinfo; for people. */
  readonly shown: string;
  /** Parsed, where only a rule is missing. */
  readonly url?: URL;
}

export type EgressDecision = EgressAllowed | EgressRefused;

/**
 * Decides about one request, or one hop of it, before anything is resolved. The text is parsed once, by WHATWG's
 * rules; the rules see the host of that result, and the request goes to that result. Literal addresses are judged here
 * already, names again by {@link checkAddress} once they are resolved. The method is compared in upper case.
 */
export function checkUrl(text: string, method: string, rules: EgressRules): EgressDecision {
  const shown = redactUrl(text);
  const refuse = (reason: EgressReason, message: string): EgressRefused => ({
    allowed: false,
    reason,
    message,
    shown,
  });

  const form = urlForm(text);
  if (form !== undefined) return refuse(form.reason, form.message);
  const url = parse(text);
  if (url === undefined) return refuse('invalid', 'this is not a valid URL');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return refuse(
      'scheme',
      `the scheme is ${url.protocol.slice(0, 32)} and only http: and https: are allowed`,
    );
  }
  if (url.username !== '' || url.password !== '')
    return refuse('userinfo', 'the URL has a user name or password');
  if (url.href.length > MAX_URL_CHARACTERS) {
    return refuse('url', `the URL has ${url.href.length} characters, the limit is ${MAX_URL_CHARACTERS}`);
  }
  const host = bareHost(url);
  if (host.endsWith('.') || host.startsWith('.') || host.length > 253) {
    return refuse('host', 'the host begins or ends with a dot, or has more than 253 characters');
  }
  const verb = checkedMethod(method);
  if (verb === undefined) return refuse('method', 'the method is not allowed');
  url.hash = '';

  const scheme = url.protocol === 'https:' ? 'https' : 'http';
  const port = url.port === '' ? (scheme === 'https' ? 443 : 80) : Number(url.port);
  if (port === 0) return refuse('url', 'the port is 0');
  return judge(url, { scheme, host, port, method: verb }, rules, shown);
}

/**
 * Decides about the address that a name resolved to, or that a socket is connected to; `undefined` if it may be
 * reached. Public addresses may; others only under a rule whose grant names them: exactly that address, or loopback
 * for `localhost`.
 */
export function checkAddress(
  host: string,
  address: string,
  rule: Pick<EgressRule, 'literal'>,
): { readonly message: string; readonly range: AddressRange } | undefined {
  const range = classifyAddress(address);
  if (host === 'localhost') {
    if (rule.literal && range.kind === 'loopback') return undefined;
  } else {
    if (range.kind === 'public') return undefined;
    if (rule.literal && sameAddress(host, address)) return undefined;
  }
  const what = `${address} (${range.kind}, ${range.range}, ${range.source})`;
  const message = isIP(host)
    ? `no grant names the address ${what}`
    : `${host} resolves to ${what}, and no grant names ${host === 'localhost' ? 'localhost' : 'that address in place of the name'}`;
  return { message, range };
}

function judge(url: URL, target: EgressTarget, rules: EgressRules, shown: string): EgressDecision {
  const refused = { allowed: false as const, shown, url, ...target };
  const matching = rules.effective.filter((rule) => ruleCovers(rule, target));
  // Where several rules cover the target, one that a grant named literally reaches more.
  const rule = matching.find(({ literal }) => literal) ?? matching[0];
  if (rule === undefined) {
    const side = rules.asked.some((asked) => ruleCovers(asked, target)) ? 'host' : 'manifest';
    const { host, scheme, port, method } = target;
    const what = describeRule({ host, schemes: [scheme], ports: [port], methods: [method] });
    const { message } = refusal(rules.plugin, 'http', what, side);
    return { ...refused, reason: side === 'host' ? 'grant' : 'manifest', side, message };
  }
  if (namesAddress(target.host)) {
    const address = target.host === 'localhost' ? '127.0.0.1' : target.host;
    const problem = checkAddress(target.host, address, rule);
    if (problem !== undefined)
      return { ...refused, reason: 'address', side: 'host', message: problem.message };
  }
  return { allowed: true, url, ...target, rule };
}

/** What WHATWG's parser would silently repair, and what no guest has a reason to send. */
function urlForm(text: string): { reason: EgressReason; message: string } | undefined {
  // Parsing takes time in the length of the text: nothing long gets that far.
  if (text.length > MAX_URL_CHARACTERS) {
    return {
      reason: 'url',
      message: `the URL has ${text.length} characters, the limit is ${MAX_URL_CHARACTERS}`,
    };
  }
  if (/[\u0000-\u001f\u007f]/.test(text)) return { reason: 'url', message: 'the URL has control characters' };
  const [beforeQuery = ''] = text.split(/[?#]/, 1);
  const authority = /^\s*[a-z][a-z0-9+.-]*:[\\/]*([^\\/]*)/i.exec(beforeQuery)?.[1] ?? '';
  // Also an empty user name, which is gone after parsing.
  if (authority.includes('@')) return { reason: 'userinfo', message: 'the URL has a user name or password' };
  if (beforeQuery.includes('\\')) return { reason: 'url', message: 'the URL has a backslash' };
  return undefined;
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** A token of RFC 9110 in upper case; CONNECT, TRACE and TRACK would be about the connection, not a resource. */
function checkedMethod(method: string): string | undefined {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}$/.test(method)) return undefined;
  const verb = method.toUpperCase();
  return verb === 'CONNECT' || verb === 'TRACE' || verb === 'TRACK' ? undefined : verb;
}
