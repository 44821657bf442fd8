import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Guest, MUCH_TEXT, type OpenGuest } from './guest.js';
import { htmlProblems } from './html-problems.js';
import { MARKDOWN_CASES } from './markdown-cases.js';

const golden = (name: string) => new URL(`golden/${name}`, import.meta.url);

/** Texts that make a careless parser slow or deep: what is repeated. */
const HOSTILE: Readonly<Record<string, string>> = {
  'emphasis that opens': '*a ',
  'emphasis that closes': 'a* ',
  'emphasis of all kinds': '**x_a*b__c~~',
  'brackets that open': '[',
  'images that open': '![',
  'links without an end': '[a](b',
  'links with titles without an end': '[a](b "',
  'links in angles without an end': '[a](<b',
  'links with many parentheses': '[a](((',
  'links in links': '[[a](b)',
  'code spans without an end': '`a``b',
  'autolinks without an end': '<a:',
  'web addresses without a host': 'http://.',
  'references without an end': '[a]: <',
  'character references without an end': '&#x',
  quotes: '>',
  'list items': '- ',
  'empty list items': '-\n',
  'lazy lines': '> a\nb\n',
  'headings of one name': '# a\n',
  'headings of names that collide': '# a-1\n# a\n',
  tables: 'a|b\n-|-\n',
  fences: '```\n',
  backslashes: '\\',
};

/** What `@acme/markdown` does, wherever it runs. */
export function markdownSuite(
  open: OpenGuest,
  highlight: () => Promise<(plugin: string, fn: string, input: string) => string>,
): void {
  let guest: Guest;
  beforeAll(async () => {
    guest = await open('markdown');
  });
  afterAll(() => guest.close());

  for (const [what, cases] of Object.entries(MARKDOWN_CASES)) {
    describe(`renders ${what}`, () => {
      it.each(cases)('%j', async (markdown, html) => {
        expect(await guest.call('render', markdown)).toBe(html);
      });
    });
  }

  it('renders a whole document as it did before', async () => {
    const painted = await open('markdown', { pluginCall: await highlight() });
    const html = await painted.call('render', await readFile(golden('notes.md'), 'utf8'));
    expect(htmlProblems(html)).toEqual([]);
    await expect(html).toMatchFileSnapshot(golden('notes.html').pathname);
    await painted.close();
  });

  describe('lists the headings of a document', () => {
    it('with level, text and the id that they are rendered with', async () => {
      const markdown = '# A *b* `c` "d"\n\n- ## In a list\n\n> ### In a quote\n\n# A b c d\n\n# 🌍\n';
      const outline: unknown = JSON.parse(await guest.call('outline', markdown));
      expect(outline).toEqual([
        { level: 1, text: 'A b c "d"', id: 'a-b-c-d' },
        { level: 2, text: 'In a list', id: 'in-a-list' },
        { level: 3, text: 'In a quote', id: 'in-a-quote' },
        { level: 1, text: 'A b c d', id: 'a-b-c-d-1' },
        { level: 1, text: '🌍', id: '' },
      ]);
      const html = await guest.call('render', markdown);
      expect([...html.matchAll(/ id="([^"]*)"/g)].map((match) => match[1])).toEqual([
        'a-b-c-d',
        'in-a-list',
        'in-a-quote',
        'a-b-c-d-1',
      ]);
    });

    it('as an empty list if there is none', async () => {
      expect(await guest.call('outline', 'a\n\n    # code\n')).toBe('[]');
      expect(await guest.call('outline', '')).toBe('[]');
    });
  });

  describe('has fenced code painted by another plugin', () => {
    const code = '```js\nlet a = "<";\n```';
    const plain = '<pre><code class="language-js">let a = &quot;&lt;&quot;;\n</code></pre>\n';

    async function rendered(answer: string | undefined, markdown = code) {
      const calls: string[][] = [];
      const logs: string[] = [];
      const painting = await open('markdown', {
        pluginCall: (...call) => {
          calls.push(call);
          return answer;
        },
        log: (level, message) => logs.push(`${level}: ${message}`),
      });
      const html = await painting.call('render', markdown);
      await painting.close();
      return { html, calls, logs };
    }

    it('and puts its answer into the page', async () => {
      const { html, calls } = await rendered('<span class="hl-keyword">let</span> a');
      expect(html).toBe(
        '<pre><code class="language-js"><span class="hl-keyword">let</span> a</code></pre>\n',
      );
      expect(calls).toEqual([['@acme/highlight', 'highlight', '{"lang":"js","code":"let a = \\"<\\";\\n"}']]);
    });

    it('but not if no language is named, or there is no code', async () => {
      const { html, calls } = await rendered('<span class="x">', '```\na\n```\n\n    b\n\n```js\n```');
      const empty = '<pre><code class="language-js"></code></pre>\n';
      expect(html).toBe(`<pre><code>a\n</code></pre>\n<pre><code>b\n</code></pre>\n${empty}`);
      expect(calls).toEqual([]);
    });

    it('and escapes it itself, asking only once, if there is no answer', async () => {
      const { html, calls, logs } = await rendered(undefined, `${code}\n\n${code}`);
      expect(html).toBe(plain + plain);
      expect(calls).toHaveLength(1);
      expect(logs).toEqual(['warn: @acme/highlight did not answer; code stays plain']);
    });

    it.each([
      '<script>x</script>',
      '<span class="a" onclick="x">a</span>',
      '<span class="a">a',
      '</span>',
      'a < b',
      '<span class="&quot;">a</span>',
      '<span class="a',
      '<',
    ])('and does not trust it: %j is refused', async (answer) => {
      const { html, logs } = await rendered(answer);
      expect(html).toBe(plain);
      expect(logs).toEqual(['warn: @acme/highlight answered with more than painted text; code stays plain']);
    });

    it('unless its configuration says no', async () => {
      const off = await open('markdown', { config: { highlight: 'off' }, pluginCall: () => 'painted' });
      expect(await off.call('render', code)).toBe(plain);
      await off.close();
    });
  });

  it('puts the configured prefix before every id', async () => {
    const prefixed = await open('markdown', { config: { id_prefix: 'doc-"' } });
    expect(await prefixed.call('render', '# a')).toBe('<h1 id="doc-&quot;a">a</h1>\n');
    expect(await prefixed.call('outline', '# a')).toBe('[{"level":1,"text":"a","id":"doc-\\"a"}]');
    await prefixed.close();
  });

  describe('keeps characters whole', () => {
    it('in 150 KB of text of several scripts', async () => {
      const paragraph = MUCH_TEXT.trimEnd();
      expect(await guest.call('render', MUCH_TEXT)).toBe(`<p>${paragraph}</p>\n`);
      expect(await guest.call('render', `\`\`\`\n${MUCH_TEXT}\`\`\``)).toBe(
        `<pre><code>${MUCH_TEXT}</code></pre>\n`,
      );
    });

    it('and replaces bytes that are no UTF-8, and NUL', async () => {
      const bytes = Buffer.concat([
        Buffer.from('a'),
        Buffer.from([0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80, 0]),
        Buffer.from('é'),
      ]);
      expect(await guest.call('render', bytes)).toBe(`<p>a${'\uFFFD'.repeat(7)}é</p>\n`);
      expect(await guest.call('render', Buffer.from([0x61, 0xf0, 0x9f, 0x8c]))).toBe(
        `<p>a${'\uFFFD'.repeat(3)}</p>\n`,
      );
    });

    it('whatever the text, if it has no markup', async () => {
      const word = fc.stringMatching(/^[\p{L}\p{N}]{1,12}$/u);
      await fc.assert(
        fc.asyncProperty(fc.array(word, { minLength: 1 }), async (words) => {
          // A word of digits, or one that begins with `h`, has no meaning of its own between others.
          const text = `x ${words.join(' ')}`;
          expect(await guest.call('render', text)).toBe(`<p>${text}</p>\n`);
        }),
      );
    });
  });

  describe('stands hostile text', () => {
    it.each(Object.entries(HOSTILE))('%s, 300 KB of them', async (_, unit) => {
      const html = await guest.call('render', unit.repeat(Math.ceil(300_000 / unit.length)));
      expect(html.length).toBeGreaterThan(0);
      expect(htmlProblems(html)).toEqual([]);
    });

    it('and nests quotes, lists and emphasis only so deep', async () => {
      const quotes = await guest.call('render', '>'.repeat(10_000));
      expect(quotes.split('<blockquote>').length - 1).toBe(100);
      const lists = await guest.call('render', `${'- '.repeat(10_000)}a`);
      expect(lists.split('<ul>').length - 1).toBe(50);
      const emphasis = await guest.call('render', `${'*a **a '.repeat(5_000)}${'a** a*'.repeat(5_000)}`);
      expect(deepest(emphasis)).toBeLessThanOrEqual(70);
    });

    it('and writes no more than a small multiple of what it reads', async () => {
      const wideTable = `${'|a'.repeat(500)}\n${'|-'.repeat(500)}\n${'|\n'.repeat(20_000)}`;
      expect((await guest.call('render', wideTable)).length).toBeLessThan(1_000_000);
      const oftenReferred = `[a]: /${'x'.repeat(20_000)}\n\n${'[a]'.repeat(20_000)}`;
      expect((await guest.call('render', oftenReferred)).length).toBeLessThan(500_000);
    });

    it('such as an underline below nothing but link definitions, which goes on as text', async () => {
      const plain = await open('markdown');
      expect(await plain.call('render', '[r]: /x\n- ')).toBe('<p>-</p>\n');
      expect(await plain.call('render', '[r]: /x\n===\n[r]')).toBe('<p>===\n<a href="/x">r</a></p>\n');
      await plain.close();
    });

    it('of any kind: what comes out is well-formed, with known tags and safe URLs only', async () => {
      const piece = fc.constantFrom(
        ...[
          '*',
          '**',
          '_',
          '`',
          '``',
          '~~',
          '[',
          '![',
          ']',
          '](',
          '](javascript:x)',
          '](u "t")',
          ')',
          '<',
          '>',
          '"',
          "'",
        ],
        ...[
          '&',
          '&colon;',
          '\\',
          '|',
          '|-|',
          '\n',
          '\n\n',
          '  \n',
          '    ',
          '\t',
          '- ',
          '1. ',
          '> ',
          '# ',
          '---',
          '```',
          '```js\n',
        ],
        ...[
          '[r]',
          '\n[r]: data:x\n',
          '<b>',
          '<https://a>',
          'https://b',
          '<script>',
          'onload=',
          'a',
          'é',
          '🌍',
          '\0',
          '[x] ',
        ],
      );
      const painted = await open('markdown', { pluginCall: () => '<span class="k">a</span>' });
      await fc.assert(
        fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
          expect(htmlProblems(await painted.call('render', pieces.join('')))).toEqual([]);
          expect(Array.isArray(JSON.parse(await painted.call('outline', pieces.join(''))))).toBe(true);
        }),
        { numRuns: 1000 },
      );
      await painted.close();
    });
  });
}

function deepest(html: string): number {
  let depth = 0;
  let most = 0;
  for (const [, slash] of html.matchAll(/<(\/?)[a-z]/g)) {
    depth += slash === '/' ? -1 : 1;
    most = Math.max(most, depth);
  }
  return most;
}
