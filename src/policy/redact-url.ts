const MAX_SHOWN = 500;

/**
 * A URL for logs and violations: no user, password, query or fragment, no control characters, at most 500 characters.
 * Takes texts that are no URL at all, too. Secrets in a path stay.
 */
export function redactUrl(text: string): string {
  // The URL parser drops tabs and line ends, so they must not hide a user name from the pattern below.
  const [beforeFragment = ''] = text
    .slice(0, 16 * 1024)
    .replace(/[\t\r\n]/g, '')
    .split('#', 1);
  const [bare = ''] = beforeFragment.split('?', 1);
  const shown = bare
    .replace(/^(\s*[a-z][a-z0-9+.-]*:)?([\\/]*)[^\\/]*@/i, '$1$2')
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '\ufffd');
  const cut = shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN)}…` : shown;
  return bare.length < beforeFragment.length ? `${cut}?…` : cut;
}
