// biome-ignore-all lint/suspicious/noTemplateCurlyInString: code that is painted, not code of this file
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Guest, MUCH_TEXT, type OpenGuest } from './guest.js';

/** Code, and its parts that are painted, as `kind:text`. */
const PAINTED: Readonly<Record<string, readonly (readonly [code: string, parts: string])[]>> = {
  js: [
    ['const a = 1;', 'keyword:const number:1'],
    ['f(x) // c', 'function:f comment:// c'],
    ['/* a\nb */ x', 'comment:/* a\nb */'],
    ["'a\\'b' \"c\"", "string:'a\\'b' string:\"c\""],
    ["'open\nx", "string:'open"],
    ['`a${b}c`', 'string:`a string:c`'],
    ['`a${`b${1}`}c`', 'string:`a string:`b number:1 string:` string:c`'],
    ['`a${{b: {}}}c`', 'string:`a string:c`'],
    ['a / b / c', ''],
    ['x = /[/]\\//g', 'regexp:/[/]\\//g'],
    ['return /a/', 'keyword:return regexp:/a/'],
    ['(a) / 2 / 3', 'number:2 number:3'],
    ['0xff 1_000n 1.5e-3 .5 a.b', 'number:0xff number:1_000n number:1.5e-3 number:.5'],
    ['class Foo extends Bar', 'keyword:class type:Foo keyword:extends type:Bar'],
    ['a.default(null)', 'function:default literal:null'],
    ['@dec() MAX_A', 'meta:@dec'],
    ['function* gen() {}', 'keyword:function function:gen'],
    ['let größe = "ü"', 'keyword:let string:"ü"'],
  ],
  json: [
    [
      '{"a": "b", "c" : [-1.5e+3, true]}',
      'attribute:"a" string:"b" attribute:"c" number:1.5e+3 literal:true',
    ],
    ['{"a":\n// c\nnull}', 'attribute:"a" comment:// c literal:null'],
    ['"open\n1', 'string:"open number:1'],
  ],
  rust: [
    ["fn f<'a>(x: &'a str)", "keyword:fn function:f symbol:'a symbol:'a keyword:str"],
    ["'x' '\\n' '\\u{1F30D}' 'é'", "string:'x' string:'\\n' string:'\\u{1F30D}' string:'é'"],
    ['r#"a "b" c"# b"x" br"y"', 'string:r#"a "b" c"# string:b"x" string:br"y"'],
    ['/* a /* b */ c */ d', 'comment:/* a /* b */ c */'],
    ['#[derive(Debug)] #![x[y]]', 'meta:#[derive(Debug)] meta:#![x[y]]'],
    ['println!("{}") a != b', 'function:println! string:"{}"'],
    ['0..10', 'number:0 number:10'],
    ['Some(Vec::new())', 'literal:Some type:Vec function:new'],
  ],
  python: [
    ['def f(self): # c', 'keyword:def function:f literal:self comment:# c'],
    ['"""a\n"b" """ x', 'string:"""a\n"b" """'],
    ['f"a" Rb\'b\'', 'string:f"a" string:Rb\'b\''],
    ['@a.b\nclass C: pass', 'meta:@a.b keyword:class type:C keyword:pass'],
    ['x = not None', 'keyword:not literal:None'],
  ],
  sh: [
    ['# c\na#b #d', 'comment:# c comment:#d'],
    ['if [ -n "$A" ]; then', 'keyword:if attribute:-n string:"$A" keyword:then'],
    [
      "echo $A ${B:-c} $1 $? 'a\\'",
      "keyword:echo variable:$A variable:${B:-c} variable:$1 variable:$? string:'a\\'",
    ],
    ['A=b npm run for-each --x', 'variable:A attribute:--x'],
  ],
  diff: [
    [
      'diff --git a b\n--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n z',
      'meta:diff --git a b meta:--- a meta:+++ b section:@@ -1 +1 @@ deletion:-x addition:+y',
    ],
    ['@@ @@\n--- not a header', 'section:@@ @@ deletion:--- not a header'],
  ],
};

/** Repeated, each of these would make a careless scanner slow. */
const HOSTILE: readonly (readonly [lang: string, unit: string])[] = [
  ['js', '(/'],
  ['js', '(/[('],
  ['js', '`${'],
  ['js', '/*'],
  ['js', '\\'],
  ['js', 'a '],
  ['rust', 'r####'],
  ['rust', 'r#"#'],
  ['rust', '#['],
  ['rust', "'"],
  ['rust', '/*'],
  ['python', '""" '],
  ['sh', '${'],
  ['json', '"" '],
  ['diff', '--- \n'],
];

const REFERENCES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&amp;': '&',
};
const textOf = (html: string) => html.replace(/&\w+;/g, (reference) => REFERENCES[reference] ?? reference);

/** What `@acme/highlight` does, wherever it runs. */
export function highlightSuite(open: OpenGuest): void {
  let guest: Guest;
  beforeAll(async () => {
    guest = await open('highlight');
  });
  afterAll(() => guest.close());
  const highlight = (lang: string, code: string) => guest.call('highlight', JSON.stringify({ lang, code }));

  for (const [lang, cases] of Object.entries(PAINTED)) {
    it.each(cases)(`paints ${lang}: %j`, async (code, parts) => {
      const html = await highlight(lang, code);
      const painted = [...html.matchAll(/<span class="hl-(\w+)">([^<]*)<\/span>/g)];
      expect(painted.map(([, kind, text = '']) => `${kind}:${textOf(text)}`).join(' ')).toBe(parts);
      expect(textOf(html.replace(/<[^>]*>/g, ''))).toBe(code);
    });
  }

  it('escapes what HTML would take for markup, painted or not', async () => {
    expect(await highlight('js', '"<&" < \'>\'')).toBe(
      '<span class="hl-string">&quot;&lt;&amp;&quot;</span> &lt; <span class="hl-string">\'&gt;\'</span>',
    );
    expect(await highlight('nobody knows', 'a < "b" & c > d')).toBe('a &lt; &quot;b&quot; &amp; c &gt; d');
    expect(await guest.call('highlight', '{"code":"<"}')).toBe('&lt;');
  });

  it('knows languages by their aliases, which it lists', async () => {
    const languages: string[][] = JSON.parse(await guest.call('languages'));
    expect(languages.map(([name]) => name)).toEqual(['js', 'json', 'rust', 'python', 'sh', 'diff']);
    const js = await highlight('js', 'let a');
    for (const alias of languages[0] ?? []) expect(await highlight(alias, 'let a')).toBe(js);
    expect(await highlight('|', 'let a')).toBe('let a');
  });

  it('reads any JSON in which "code" is a string', async () => {
    const input =
      '{"x":[[],{},{"a":[1,{"b":null}]},"]"],"lang":"js" , "code":"\\ud83c\\udf0d \\u00e9\\n\\t\\/"}';
    expect(await guest.call('highlight', input)).toBe('🌍 é\n\t/');
  });

  it.each([
    ['', 'expected an object at byte 0'],
    ['{', 'expected a string at byte 1'],
    ['[]', 'expected an object at byte 0'],
    ['{"code":1}', '"code" must be a string'],
    ['{"code":"a"} b', 'expected the end at byte 13'],
    ['{"code":"a', 'expected the end of a string at byte 10'],
    ['{"code":"\\x"}', 'expected the end of a string at byte 9'],
    ['{"a":nope}', 'expected a value at byte 5'],
    [`{"a":${'['.repeat(300)}`, 'expected less nesting at byte 261'],
  ])('says what is wrong with the input %j, and works on', async (input, why) => {
    const message = `the input must be JSON like {"lang":"js","code":"…"}: ${why}`;
    await expect(guest.call('highlight', input)).rejects.toThrow(message);
    expect(await highlight('js', '1')).toBe('<span class="hl-number">1</span>');
  });

  describe('stands', () => {
    it('no code', async () => {
      expect(await highlight('js', '')).toBe('');
    });

    it('150 KB of text of several scripts', async () => {
      expect(await highlight('none', MUCH_TEXT)).toBe(MUCH_TEXT);
      expect(await highlight('js', `/*${MUCH_TEXT}*/`)).toBe(
        `<span class="hl-comment">/*${MUCH_TEXT}*/</span>`,
      );
    });

    it('bytes that are no UTF-8', async () => {
      const input = Buffer.concat([Buffer.from('{"code":"a'), Buffer.from([0xff, 0xc3]), Buffer.from('"}')]);
      expect(await guest.call('highlight', input)).toBe('a\uFFFD\uFFFD');
    });

    it.each(HOSTILE)('300 KB of hostile %s: %j', async (lang, unit) => {
      const code = unit.repeat(300_000 / unit.length);
      expect(textOf((await highlight(lang, code)).replace(/<[^>]*>/g, ''))).toBe(code);
    });
  });
}
