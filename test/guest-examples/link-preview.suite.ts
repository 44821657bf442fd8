import { describe, expect, it } from 'vitest';
import { type HttpAnswer, type HttpRequest, MUCH_TEXT, type OpenGuest } from './guest.js';

const PAGE_URL = 'https://site.example/a/page.html?q=1#f';

interface Preview {
  readonly url: string;
  readonly title: string | null;
  readonly description: string | null;
  readonly image: string | null;
}

/** Pages, and what is to be read from them. */
const PAGES: readonly (readonly [what: string, html: string, preview: Partial<Preview>])[] = [
  ['a plain page', '<html><head><title>A page</title></head><body>x</body></html>', { title: 'A page' }],
  [
    'Open Graph before the rest',
    '<title>t</title><meta name="description" content="d"><meta property="og:title" content="OT"><meta property="og:description" content="OD"><meta property="og:image" content="/i.png">',
    { title: 'OT', description: 'OD', image: 'https://site.example/i.png' },
  ],
  ['a description only', '<meta name=description content=short>', { description: 'short' }],
  [
    'capitals, single quotes, odd spacing',
    "<META\n CONTENT = 'x y'\tPROPERTY = 'OG:Title' / ><TITLE>t</TITLE>",
    { title: 'x y' },
  ],
  [
    'character references',
    '<title>a &amp; b &lt;c&gt; &quot;d&quot; &#233; &#x1F30D; &nbsp; &nope;</title>',
    { title: 'a & b <c> "d" é 🌍 &nope;' },
  ],
  ['line feeds in a title', '<title>\n  a\n  b\t c\n</title>', { title: 'a b c' }],
  ['an empty Open Graph title', '<meta property="og:title" content=" "><title>t</title>', { title: 't' }],
  [
    'the first of two',
    '<title>a</title><title>b</title><meta name="description" content="1"><meta name="description" content="2">',
    { title: 'a', description: '1' },
  ],
  ['a title in a comment', '<!-- <title>no</title> --><title>yes</title>', { title: 'yes' }],
  [
    'a title in a script',
    '<script>"<title>no</title>"</script><style><title>no</title></style><title>yes</title>',
    { title: 'yes' },
  ],
  ['a title in the body', '<head></head><body><svg><title>no</title></svg>', {}],
  ['a tag with a > in an attribute', '<meta name="x" content="a > b"><title>t</title>', { title: 't' }],
  [
    'Twitter cards',
    '<meta name="twitter:title" content="a"><meta name="twitter:image" content="//cdn.example/i">',
    { title: 'a', image: 'https://cdn.example/i' },
  ],
  [
    'an image beside the page',
    '<meta property="og:image" content="i.png">',
    { image: 'https://site.example/a/i.png' },
  ],
  [
    'an image by query',
    '<meta property="og:image" content="?i=1">',
    { image: 'https://site.example/a/page.html?i=1' },
  ],
  [
    'an absolute image',
    '<meta property="og:image" content="http://x.example/i j.png">',
    { image: 'http://x.example/i%20j.png' },
  ],
  ['an image that is none', '<meta property="og:image" content="javascript:alert(1)">', {}],
  ['an image in a data URL', '<meta property="og:image" content="data:image/png;base64,AA">', {}],
  ['a title that does not end', '<title>abc', { title: 'abc' }],
  [
    'a comment that does not end',
    '<title>a</title><!-- <meta name="description" content="x">',
    { title: 'a' },
  ],
  [
    'an attribute that does not end',
    '<title>a</title><meta name="description" content="x',
    { title: 'a', description: 'x' },
  ],
  ['nothing', '', {}],
  ['a long title', `<title>${'é'.repeat(400)}</title>`, { title: `${'é'.repeat(300)}…` }],
];

/** What `@acme/link-preview` does, wherever it runs. */
export function linkPreviewSuite(open: OpenGuest): void {
  async function preview(url: string, answer: HttpAnswer | undefined): Promise<string> {
    const guest = await open('link-preview', { http: () => answer });
    try {
      return await guest.call('preview', url);
    } finally {
      await guest.close();
    }
  }

  const page = (body: string | Uint8Array, headers?: Record<string, string>): HttpAnswer => ({
    status: 200,
    body,
    ...(headers === undefined ? {} : { headers }),
  });

  it('asks for the page with one GET', async () => {
    const requests: HttpRequest[] = [];
    const guest = await open('link-preview', {
      http: (request) => {
        requests.push(request);
        return page('<title>a</title>');
      },
    });
    expect(await guest.call('preview', ` ${PAGE_URL}\n`)).toBe(
      `{"url":"${PAGE_URL}","title":"a","description":null,"image":null}`,
    );
    expect(requests).toEqual([
      {
        url: PAGE_URL,
        method: 'GET',
        headers: { accept: 'text/html,application/xhtml+xml', 'user-agent': 'link-preview' },
      },
    ]);
    await guest.close();
  });

  it.each(PAGES)('reads %s', async (_, html, expected) => {
    const empty = { url: PAGE_URL, title: null, description: null, image: null };
    expect(JSON.parse(await preview(PAGE_URL, page(html)))).toEqual({ ...empty, ...expected });
  });

  describe('reports', () => {
    it.each([404, 500, 301, 199])('status %i', async (status) => {
      await expect(preview(PAGE_URL, { status, body: '<title>x</title>' })).rejects.toThrow(
        `${PAGE_URL} answered with status ${status}`,
      );
    });

    it('no answer', async () => {
      await expect(preview(PAGE_URL, undefined)).rejects.toThrow(`${PAGE_URL} could not be fetched`);
    });

    it('what is no web page', async () => {
      await expect(preview(PAGE_URL, page('x', { 'content-type': 'image/png' }))).rejects.toThrow(
        `${PAGE_URL} is no web page but image/png`,
      );
    });

    it.each(['', 'page', 'ftp://a', 'javascript:x', 'http://', 'https:///a', 'https://a b', '/a'])(
      'an input that is no URL of a page: %j',
      async (url) => {
        await expect(preview(url, page(''))).rejects.toThrow('the input must be an http or https URL');
      },
    );

    it('a URL that is too long', async () => {
      await expect(preview(`https://a/${'b'.repeat(3000)}`, page(''))).rejects.toThrow(
        'the URL has more than 2048 bytes',
      );
    });

    it('an error, and works on', async () => {
      const answers: (HttpAnswer | undefined)[] = [
        undefined,
        page('<title>a</title>'),
        { status: 500, body: '' },
        page(''),
      ];
      const guest = await open('link-preview', { http: () => answers.shift() });
      await expect(guest.call('preview', PAGE_URL)).rejects.toThrow('could not be fetched');
      expect(await guest.call('preview', PAGE_URL)).toContain('"title":"a"');
      await expect(guest.call('preview', PAGE_URL)).rejects.toThrow('status 500');
      expect(await guest.call('preview', PAGE_URL)).toContain('"title":null');
      await guest.close();
    });
  });

  describe('reads text', () => {
    it('of several scripts, 150 KB of it', async () => {
      const html = `<title>${MUCH_TEXT}</title>`;
      const { title }: Preview = JSON.parse(
        await preview(PAGE_URL, page(html, { 'content-type': 'text/html; charset=utf-8' })),
      );
      expect(title).toBe(`${[...MUCH_TEXT.replaceAll('\n', ' ')].slice(0, 300).join('').trimEnd()}…`);
    });

    it('in Latin-1, if the content type says so', async () => {
      const body = Buffer.from([
        ...Buffer.from('<title>'),
        0xe9,
        0x2e,
        0x80,
        0x93,
        ...Buffer.from('</title>'),
      ]);
      for (const charset of ['iso-8859-1', 'WINDOWS-1252', '"latin1"']) {
        expect(
          await preview(PAGE_URL, page(body, { 'content-type': `text/html; charset=${charset}` })),
        ).toContain('"é.€“"');
      }
      expect(await preview(PAGE_URL, page(body))).toContain('"\uFFFD.\uFFFD\uFFFD"');
    });
  });

  it.each([
    '<',
    '<!--',
    '<meta ',
    '<meta property="og:title" content=x>',
    '<title>',
    '<a "',
    "<meta content='",
    '&',
    '<meta a=b/>',
  ])('stands 500 KB of %j', async (unit) => {
    const { url }: Preview = JSON.parse(await preview(PAGE_URL, page(unit.repeat(500_000 / unit.length))));
    expect(url).toBe(PAGE_URL);
  });

  it('looks at the beginning of a large page only', async () => {
    const filler = `<!--${'x'.repeat(600_000)}-->`;
    expect(
      await preview(PAGE_URL, page(`<title>a</title>${filler}<meta name=description content=b>`)),
    ).toContain('"title":"a","description":null');
  });
}
