const VOID = new Set(['br', 'hr', 'img', 'input']);

// Tag by tag what `@acme/markdown` may write; attributes in this order.
const TAGS: readonly RegExp[] = [
  /^<h[1-6]( id="[^"<>]*")?>$/,
  /^<(p|em|strong|del|code|pre|blockquote|ul|ol|li|table|thead|tbody|tr|th|td|br|hr)>$/,
  /^<code class="language-[^"<>]*">$/,
  /^<ol start="\d{1,9}">$/,
  /^<t[hd] align="(left|center|right)">$/,
  /^<input type="checkbox" disabled( checked)?>$/,
  /^<a href="[^"<>\s]*"( title="[^"<>]*")?>$/,
  /^<img src="[^"<>\s]*" alt="[^"<>]*"( title="[^"<>]*")?>$/,
  /^<span class="[\w -]+">$/,
];

/** What is wrong with HTML from untrusted text: tags that do not match, tags or URLs that should not be there. */
export function htmlProblems(html: string): string[] {
  const problems: string[] = [];
  const open: string[] = [];
  for (const [tag, slash, name = ''] of html.matchAll(/<(\/?)([^\s>]*)[^>]*>?/g)) {
    if (slash === '/') {
      if (tag !== `</${name}>` || open.pop() !== name) problems.push(`${tag} closes nothing`);
      continue;
    }
    if (!TAGS.some((known) => known.test(tag))) problems.push(`${tag} is not known`);
    if (!VOID.has(name)) open.push(name);
    const url = /(?:href|src)="([^"]*)"/.exec(tag)?.[1]?.replaceAll('&amp;', '&');
    if (url !== undefined && !isSafe(url)) problems.push(`${url} is not safe`);
  }
  if (open.length > 0) problems.push(`${open.join(', ')} stay open`);
  return problems.slice(0, 10);
}

/** As a browser on https://base.example would see it. */
function isSafe(url: string): boolean {
  if (!URL.canParse(url, 'https://base.example/')) return true;
  return ['http:', 'https:', 'mailto:', 'tel:'].includes(new URL(url, 'https://base.example/').protocol);
}
