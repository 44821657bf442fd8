import { z } from 'zod';
import { normalizeHost } from './http-host.js';
import type { HttpRule } from './permissions.js';
import { lineSchema, listSchema, strictObject, withoutUndefined } from './schema-parts.js';

const RULE_EXPECTED =
  'a host rule such as "api.example.com", "*.example.com", "10.0.0.1:8080" or "https://api.example.com", or an object ' +
  '{ host, schemes, ports, methods, reason }';
const HOST_EXPECTED = 'a host without port or path: a name, "*." and a domain, an IP address, or "*"';
const PORT_EXPECTED = 'a port from 1 to 65535';
const METHOD_EXPECTED = 'an HTTP method such as "GET", other than CONNECT, TRACE and TRACK';

const DEFAULT_PORTS = { http: 80, https: 443 } as const;
/** Methods that fetch itself refuses. */
const FORBIDDEN_METHODS: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK']);

/**
 * Reads the short form of a rule. As in an origin, a scheme without a port means that scheme's default port; a bare host
 * means both schemes and every port.
 */
export function parseHttpRule(text: string): HttpRule | undefined {
  const bare = normalizeHost(text);
  if (bare !== undefined) return { host: bare };
  const match = /^(?:(https?):\/\/)?(\[[^\]]*\]|[^:]*)(?::([1-9]\d{0,4}))?$/i.exec(text);
  if (match === null) return undefined;
  const host = normalizeHost(match[2]!);
  const scheme = match[1]?.toLowerCase() as 'http' | 'https' | undefined;
  const port = match[3] === undefined ? scheme && DEFAULT_PORTS[scheme] : Number(match[3]);
  if (host === undefined || port === undefined || port > 65_535) return undefined;
  return { host, ...(scheme && { schemes: [scheme] }), ports: [port] };
}

const shortRuleSchema = lineSchema(RULE_EXPECTED, {
  max: 300,
  pattern: /^(?:[Hh][Tt][Tt][Pp][Ss]?:\/\/)?[^\s/\\?#@%]+$/,
})
  .meta({ description: 'A host, `host:port`, `scheme://host` or `scheme://host:port`.' })
  .transform((text, context): HttpRule => {
    const rule = parseHttpRule(text);
    if (rule !== undefined) return rule;
    context.addIssue({ code: 'custom', message: RULE_EXPECTED });
    return z.NEVER;
  });

const hostSchema = lineSchema(HOST_EXPECTED, { max: 255, pattern: /^[^\s/\\?#@%]+$/ }).transform(
  (text, context) => {
    const host = normalizeHost(text);
    if (host !== undefined) return host;
    context.addIssue({ code: 'custom', message: HOST_EXPECTED });
    return z.NEVER;
  },
);

const methodSchema = lineSchema(METHOD_EXPECTED, { max: 32, pattern: /^[A-Za-z][A-Za-z-]*$/ })
  .transform((method) => method.toUpperCase())
  .refine((method) => !FORBIDDEN_METHODS.has(method), { error: METHOD_EXPECTED });

const portSchema = z
  .int({ error: PORT_EXPECTED })
  .min(1, { error: PORT_EXPECTED })
  .max(65_535, { error: PORT_EXPECTED });

const longRuleSchema = strictObject(
  {
    host: hostSchema.meta({
      description:
        'A host name, `*.` and a domain (one or more labels before it), an IP address, or `*` for any public host.',
    }),
    schemes: listSchema(z.enum(['http', 'https'], { error: '"http" or "https"' }), 'a list of schemes', {
      min: 1,
      max: 2,
    })
      .meta({ description: 'Both where absent.' })
      .optional(),
    ports: listSchema(portSchema, 'a list of ports', { min: 1, max: 32 })
      .meta({ description: 'Every port where absent.' })
      .optional(),
    methods: listSchema(methodSchema, 'a list of HTTP methods', { min: 1, max: 32 })
      .meta({ description: 'Every method where absent.' })
      .optional(),
    reason: lineSchema('a sentence of one line', { max: 500 })
      .meta({ description: 'Why the plugin needs it, for the person who grants.' })
      .optional(),
  },
  RULE_EXPECTED,
).transform(withoutUndefined);

/** One rule for outgoing HTTP, short or long. */
export const httpRuleSchema = z
  .union([shortRuleSchema, longRuleSchema], { error: RULE_EXPECTED })
  .meta({ id: 'httpRule' });
