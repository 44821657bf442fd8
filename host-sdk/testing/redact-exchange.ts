/** Headers that are secrets by their nature. */
const SECRET_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'api-key',
  'x-auth-token',
  'x-csrf-token',
  'x-amz-security-token',
]);
const SECRET_PARAMETER = /^(access_?token|auth|api_?key|key|passwd|password|secret|sig|signature|token)$/i;
export const REDACTED = '[redacted]';

/** The headers without their secrets. `more` are further names, in lower case. */
export function redactHeaders(
  headers: Readonly<Record<string, string>>,
  more: ReadonlySet<string>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const lower = name.toLowerCase();
      return [lower, SECRET_HEADERS.has(lower) || more.has(lower) ? REDACTED : value];
    }),
  );
}

/** The address without user name, password and the parameters that are secrets by their name. */
export function redactAddress(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  url.username = '';
  url.password = '';
  for (const name of new Set(url.searchParams.keys())) {
    if (SECRET_PARAMETER.test(name)) url.searchParams.set(name, REDACTED);
  }
  return url.href;
}
