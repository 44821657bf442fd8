import { corpus, last, SECRET, succeeded, text } from './attack.js';
import { HTTP } from './guest.js';

const { attack, attacks } = corpus('HTTP');
export default attacks;

/** @typedef {import('./attack.js').World} World */

/** May reach one server of loopback by its literal address, and some names. */
const GUEST = text(HTTP, {
  permissions: ({ open, raw }) => ({
    http: [
      { host: '127.0.0.1', ports: [open, raw], schemes: ['http'], methods: ['GET', 'POST'] },
      ...['loopback', 'mixed', 'zero', 'private'].map((name) => ({
        host: `${name}.hostile.test`,
        schemes: ['http'],
      })),
    ],
  }),
});
/** @param {string} url @param {object} [more] */
const request = (url, more = {}) => [
  {
    fn: 'f',
    input: (/** @type {World} */ world) =>
      JSON.stringify({
        url: url
          .replaceAll('OPEN', String(world.open))
          .replaceAll('SECRET', String(world.secret))
          .replaceAll('RAW', String(world.raw)),
        method: 'GET',
        ...more,
      }),
  },
];
/** @param {import('./attack.js').Evidence} e */
const reached = (e) =>
  (e.reached.length > 0 || last(e)?.output?.includes(SECRET)) && 'it reached a server that it may not';
const refused = { expected: ['ERR_PERMISSION'], violations: ['http'], got: reached };
/**
 * @typedef {import('./attack.js').Attack} Attack
 * @param {string} name
 * @param {string} url
 * @param {Partial<Attack> & Pick<import('./attack.js').Guest, 'limits'>} [rest]
 * @param {object} [more]
 */
const sends = (name, url, rest = {}, more = {}) =>
  attack(name, GUEST, { calls: request(url, more), ...rest });

// Where it goes.
sends('a host that nobody granted', 'http://127.0.0.2:SECRET/', refused);
sends('another port of a granted host', 'http://127.0.0.1:SECRET/', refused);
sends('a redirect to another port', 'http://127.0.0.1:OPEN/redirect?to=http://127.0.0.1:SECRET/', refused);
sends('a redirect to another host', 'http://127.0.0.1:OPEN/redirect?to=http://127.0.0.2:SECRET/', refused);
sends('a redirect to localhost', 'http://127.0.0.1:OPEN/redirect?to=http://localhost:SECRET/', refused);
sends('a redirect to a file', 'http://127.0.0.1:OPEN/redirect?to=file:///etc/passwd', {
  ...refused,
  got: (e) => last(e)?.output?.includes('root:') && 'a file of the host',
});
sends('a redirect to a data: URL', `http://127.0.0.1:OPEN/redirect?to=data:,${encodeURIComponent(SECRET)}`, {
  ...refused,
  got: (e) => last(e)?.output?.includes(SECRET) && 'a data: URL',
});
sends(
  'a redirect that keeps the method POST',
  'http://127.0.0.1:OPEN/redirect-307?to=http://127.0.0.1:SECRET/',
  refused,
  { method: 'POST' },
);
sends('redirects in a circle', 'http://127.0.0.1:OPEN/circle', { expected: ['ok'] });
sends('a data: URL', 'data:,x', { ...refused, got: succeeded });
sends('a file: URL', 'file:///etc/passwd', {
  ...refused,
  got: (e) => last(e)?.output?.includes('root:') && 'a file of the host',
});
sends('a blob: URL', 'blob:http://127.0.0.1:OPEN/x', { ...refused, got: succeeded });
sends('a name that resolves to loopback', 'http://loopback.hostile.test:SECRET/', refused);
sends(
  'a name that resolves to loopback, among public addresses',
  'http://mixed.hostile.test:SECRET/',
  refused,
);
sends('a name that resolves to 0.0.0.0', 'http://zero.hostile.test:SECRET/', refused);
sends('a name that resolves to a private address', 'http://private.hostile.test:SECRET/', {
  ...refused,
  got: () => undefined,
});
sends('loopback as one number', 'http://2130706434:SECRET/', refused);
sends('loopback in hexadecimal', 'http://0x7f.0.0.1:SECRET/', refused);
sends('loopback in octal', 'http://0177.0.0.1:SECRET/', refused);
sends('loopback as IPv4 in IPv6', 'http://[::ffff:127.0.0.1]:SECRET/', refused);
sends('a host with a user name that looks like another', 'http://127.0.0.1:OPEN@127.0.0.2:SECRET/', refused);
sends('a backslash in place of a slash', 'http:\\\\127.0.0.2:SECRET\\@127.0.0.1:OPEN/', refused);
sends('full-width digits', 'http://１２７.0.0.2:SECRET/', refused);
sends('a trailing dot', 'http://127.0.0.1.:SECRET/', refused);
sends('line ends inside a URL', 'http://127.0.0.1:OPEN/\r\nGET /smuggled HTTP/1.1', {
  ...refused,
  got: (e) => e.requests.some((line) => line.includes('smuggled')) && 'a second request',
});
sends('a URL of 3 MB', `http://127.0.0.1:OPEN/${'x'.repeat(3_000_000)}`, {
  expected: ['ERR_(HOST_FUNCTION|PERMISSION)'],
  violations: ['(http)?'],
});
attack('requests that are no requests', GUEST, {
  calls: ['', '<html>', '[]', '{"url":7}', 'null', '{"url":"http://x","headers":7}', '{'.repeat(100_000)].map(
    (input) => ({ fn: 'f', input }),
  ),
  expected: Array.from({ length: 7 }, () => 'ERR_(HOST_FUNCTION|PERMISSION)'),
  violations: ['(http)?'],
  got: succeeded,
});

// What comes back.
const SLOW = {
  limits: { httpTimeoutMs: 400, timeoutMs: 1000 },
  expected: ['ERR_TIMEOUT'],
  violations: ['(timeout)?'],
  got: succeeded,
};
sends('a body that never ends', 'http://127.0.0.1:OPEN/endless', {
  expected: ['ERR_OUTPUT'],
  got: succeeded,
});
sends('a body of 64 MB', 'http://127.0.0.1:OPEN/large', { expected: ['ERR_OUTPUT'], got: succeeded });
sends('200 MB in 200 KB of gzip', 'http://127.0.0.1:OPEN/gzip-bomb', {
  expected: ['ERR_OUTPUT'],
  got: succeeded,
});
sends('gzip in gzip in gzip in gzip', 'http://127.0.0.1:OPEN/gzip-layers', {
  expected: ['.*'],
  violations: ['(http)?'],
  got: (e) => (last(e)?.bytes ?? 0) > 1024 * 1024 && 'more than httpResponseBytes',
});
sends('gzip that is none', 'http://127.0.0.1:OPEN/gzip-broken');
sends('an answer that never comes', 'http://127.0.0.1:OPEN/silent', SLOW);
sends('a body of one byte in 50 ms', 'http://127.0.0.1:OPEN/drip', SLOW);
sends('headers of one byte in 50 ms', 'http://127.0.0.1:RAW/drip', SLOW);
sends('an answer with 200 KB of headers', 'http://127.0.0.1:RAW/headers');
sends('an answer that is no HTTP', 'http://127.0.0.1:RAW/garbage');
sends('an answer that ends in the middle', 'http://127.0.0.1:RAW/cut');
sends('an answer with two lengths', 'http://127.0.0.1:RAW/two-lengths', {
  expected: ['ok'],
  got: (e) => last(e)?.output?.includes('smuggled') && 'an ambiguous body',
});
sends('informational answers for ever', 'http://127.0.0.1:RAW/continue', {
  ...SLOW,
  expected: ['ok|ERR_TIMEOUT'],
  got: () => undefined,
});
attack(
  'fifty requests in one call',
  text(
    `(func (export "f") (local $i i32)
  (loop $l (drop (call $http_request (call $input_offset) (i64.const 0)))
    (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $l (i32.lt_u (local.get $i) (i32.const 50)))))`,
    { ...(GUEST.permissions && { permissions: GUEST.permissions }) },
  ),
  {
    calls: request('http://127.0.0.1:OPEN/ok'),
    expected: ['ok|ERR_.*'],
    violations: ['.*'],
  },
);

// What is sent.
/** @param {string} name @param {Record<string, unknown>} headers @param {RegExp} got */
const header = (name, headers, got) =>
  sends(
    name,
    'http://127.0.0.1:OPEN/ok',
    {
      expected: ['ERR_(PERMISSION|HOST_FUNCTION)'],
      violations: ['(http)?'],
      got: (e) => e.requests.some((line) => got.test(line)) && 'the header was sent',
    },
    { headers },
  );
header('another Host header', { Host: 'internal.example' }, /host: internal/i);
header('a header with a line end', { 'x-a': 'b\r\nx-smuggled: yes' }, /^x-smuggled/im);
header('a header name with a line end', { 'x-a\r\nx-smuggled': 'yes' }, /^x-smuggled/im);
header(
  'transfer-encoding and content-length together',
  { 'transfer-encoding': 'chunked', 'content-length': '3' },
  /transfer-encoding: chunked/i,
);
header(
  'an upgrade to another protocol',
  { connection: 'upgrade', upgrade: 'websocket' },
  /upgrade: websocket/i,
);
header('credentials for a proxy', { 'proxy-authorization': 'Basic eDp5' }, /proxy-authorization/i);
header(
  'a thousand headers',
  Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`x-${i}`, 'y'])),
  /x-999: y/,
);
sends(
  'the method CONNECT',
  'http://127.0.0.1:OPEN/ok',
  {
    ...refused,
    got: (e) => e.requests.some((line) => /^CONNECT/.test(line)) && 'it was sent',
  },
  { method: 'CONNECT' },
);
sends(
  'a method with a space and a path',
  'http://127.0.0.1:OPEN/ok',
  {
    ...refused,
    got: (e) => e.requests.some((line) => line.includes('smuggled')) && 'it was sent',
  },
  { method: 'GET /smuggled HTTP/1.1\r\nX:' },
);
sends(
  'a method that nobody granted',
  'http://127.0.0.1:OPEN/ok',
  {
    ...refused,
    got: (e) => e.requests.some((line) => /^DELETE/.test(line)) && 'it was sent',
  },
  { method: 'DELETE' },
);
