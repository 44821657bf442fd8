import type { Capabilities, GuestCall } from '../../src/bridge/guest-call.js';
import { parseGuestRequest } from '../../src/bridge/http/guest-request.js';
import { followRedirect, type Hop, isRedirect, MAX_REDIRECTS } from '../../src/bridge/http/redirect.js';
import { cordonError } from '../../src/errors/cordon-error.js';
import { checkUrl } from '../../src/policy/egress.js';
import type { EgressRules } from '../../src/policy/grants.js';
import { bodyUpTo } from './read-bounded.js';

type Http = Capabilities['http'];

/** As the SDK does it: what is sent to GET and HEAD has no body. */
export function sdkHttp(http: Http): Http {
  return (request, body, call) => {
    const { method } = parseGuestRequest(request, new Uint8Array());
    return http(request, /^(?:get|head)$/i.test(method ?? 'GET') ? undefined : body, call);
  };
}

/**
 * HTTP by the application's own `fetch`. Hosts are checked before each hop, and sizes; which address a name leads to is
 * that function's business.
 */
export function fetchHttp(fetchUrl: typeof fetch, rules: EgressRules, maxBytes: number): Http {
  return async (text, body, call) => {
    const request = parseGuestRequest(text, body ?? new Uint8Array());
    const headers = (request.headers ?? {}) as Hop['headers'];
    let hop: Hop = { url: request.url, method: request.method ?? 'GET', headers, body: request.body };
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const to = allowed(hop, rules);
      const response = await send(fetchUrl, to, hop, call);
      const location = isRedirect(response.status) ? response.headers.get('location') : null;
      if (location === null) {
        const bytes = await bodyUpTo(response, maxBytes, `HTTP request of ${rules.plugin}`);
        return { status: response.status, headers: Object.fromEntries(response.headers), body: bytes };
      }
      await response.body?.cancel();
      const next = followRedirect(hop, to, response.status, location);
      if (next === undefined) break;
      hop = next;
    }
    throw cordonError('ERR_HOST_FUNCTION', `The redirects of ${request.url.slice(0, 200)} lead nowhere.`);
  };
}

function allowed(hop: Hop, rules: EgressRules): URL {
  const decision = checkUrl(hop.url, hop.method, rules);
  if (decision.allowed) return decision.url;
  const { reason, host, message, shown } = decision;
  throw cordonError('ERR_PERMISSION', `HTTP request of ${rules.plugin} refused: ${message}.`, {
    plugin: rules.plugin,
    details: { reason, host, url: shown, violation: 'http' },
  });
}

async function send(fetchUrl: typeof fetch, to: URL, hop: Hop, { signal }: GuestCall): Promise<Response> {
  const { method, headers, body } = hop;
  try {
    return await fetchUrl(to.href, {
      method: method.toUpperCase(),
      headers: headers as Record<string, string>,
      redirect: 'manual',
      signal,
      ...(body && { body: new Uint8Array(body) }),
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw cordonError('ERR_HOST_FUNCTION', why, { cause });
  }
}
