import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkSpec, formatSpec, parseSpec } from '../../src/resolver/spec.js';

describe('a plugin spec', () => {
  test.each([
    ['markdown', 'markdown', '*'],
    ['markdown@^1.2', 'markdown', '^1.2'],
    ['@acme/markdown', '@acme/markdown', '*'],
    ['@acme/markdown@1.0.0', '@acme/markdown', '1.0.0'],
    ['@acme/markdown@>=1 <2 || ^3.0.0-rc.1', '@acme/markdown', '>=1 <2 || ^3.0.0-rc.1'],
    ['  markdown@ 1 - 2  ', 'markdown', '1 - 2'],
    ['a@*', 'a', '*'],
    ['a.b-c_d~1@1', 'a.b-c_d~1', '1'],
    ['a@v1.2.3', 'a', 'v1.2.3'],
  ])('%j is %s in %s', (text, name, range) => {
    expect(parseSpec(text)).toEqual({ name, range });
  });

  test.each([
    [''],
    ['@'],
    ['@acme'],
    ['@acme/'],
    ['/markdown'],
    ['Markdown'],
    ['mark down'],
    ['../markdown'],
    ['markdown@'],
    ['markdown@  '],
    ['markdown@latest'],
    ['markdown@1.2.3.4'],
    ['markdown@^1@^2'],
    ['a\0b'],
    ['.a'],
    ['_a'],
    ['__proto__'],
    ['x'.repeat(215)],
    [`a@${'1'.repeat(2000)}`],
    [undefined],
    [null],
    [7],
    [{}],
  ])('%.40j is ERR_OPTIONS', (text) => {
    expect(() => parseSpec(text as string)).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS' }));
  });

  test('names what is wrong and what to write', () => {
    expect(() => parseSpec('markdown@latest')).toThrow(
      'The plugin spec "markdown@latest" has the range "latest", which is not one. Tags such as "latest" do not exist here; leave the range out.',
    );
    expect(() => parseSpec('markdown@')).toThrow('Write markdown for every release');
    expect(() => parseSpec('plugins/markdown')).toThrow('A path begins with "./".');
  });

  test('in two parts is checked in the same way', () => {
    expect(checkSpec({ name: 'a', range: '^1' })).toEqual({ name: 'a', range: '^1' });
    for (const bad of [{ name: 'A', range: '*' }, { name: 'a', range: 'x.y' }, { name: 'a' }, {}]) {
      expect(() => checkSpec(bad as never)).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS' }));
    }
  });

  test('is read back from its text', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('a', '@b/c'),
        fc.constantFrom('*', '^1', '>=1 <2', '1 || 2'),
        (name, range) => {
          expect(parseSpec(formatSpec({ name, range }))).toEqual({ name, range });
        },
      ),
    );
  });

  test('of any text is a spec or ERR_OPTIONS', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string()), (text) => {
        try {
          const { name, range } = parseSpec(text);
          expect(parseSpec(`${name}@${range}`)).toEqual({ name, range });
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_OPTIONS' });
        }
      }),
    );
  });
});
