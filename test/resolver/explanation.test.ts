import { describe, expect, test } from 'vitest';
import { ResolutionError } from '../../src/errors/cordon-error.js';
import { ask, needs } from './ask.js';
import { CONFLICTS } from './conflicts.js';
import { pigeons } from './generated.js';
import { sourceOf } from './universe.js';

async function errorOf(asked: Promise<unknown>): Promise<ResolutionError> {
  const error: unknown = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ResolutionError);
  return error as ResolutionError;
}

describe('the explanation of', () => {
  test.each(CONFLICTS)('$title reads as it should', async ({ title, code, universe, specs, more }) => {
    const error = await errorOf(ask(universe, specs, more));
    expect(error.code).toBe(code);
    const text =
      error.message === error.explanation ? error.message : `${error.message}\n\n${error.explanation}`;
    await expect(`${code}\n${text}\n`).toMatchFileSnapshot(`explanations/${title.replaceAll(' ', '-')}.txt`);
  });
});

describe('an error about a set', () => {
  test('carries the explanation as a tree, with the facts and versions of its leaves', async () => {
    const universe = { a: { '1.0.0': needs({ b: '^1' }) }, b: { '1.0.0': {}, '2.0.0': {} } };
    const { details } = await errorOf(ask(universe, ['a', 'b@^2']));
    expect(details.specs).toEqual(['a', 'b@^2']);
    expect(details.tree).toEqual({
      line: 4,
      text: 'nothing can satisfy all of this',
      because: [
        { line: 1, text: 'you ask for a', fact: { kind: 'spec', name: 'a', range: '*' }, about: [] },
        {
          line: 2,
          text: 'a 1.0.0 needs b ^1',
          fact: { kind: 'dependency', owner: 'a', name: 'b', ranges: ['^1'], optional: false },
          about: [{ plugin: 'a', versions: ['1.0.0'] }],
        },
        { line: 3, text: 'you ask for b ^2', fact: { kind: 'spec', name: 'b', range: '^2' }, about: [] },
      ],
    });
    expect(JSON.parse(JSON.stringify(details))).toEqual(details);
  });

  test('names the circle in its details', async () => {
    const universe = { a: { '1.0.0': needs({ b: '*' }) }, b: { '1.0.0': needs({ a: '*' }) } };
    expect((await errorOf(ask(universe, ['a']))).details.path).toEqual(['a', 'b', 'a']);
  });

  test('has the error of a broken plugin as its cause', async () => {
    const broken = new Error('plugin.json: "version" is missing');
    const source = {
      ...sourceOf({}),
      broken: async () => [{ origin: '/plugins/a/plugin.json', error: broken }],
    };
    const error = await errorOf(ask({}, ['a'], { source }));
    expect(error).toMatchObject({ code: 'ERR_NOT_FOUND', cause: broken });
    expect(error.message).toContain(
      '/plugins/a/plugin.json should be it, and is broken: plugin.json: "version"',
    );
  });

  test('lists the sources that were searched', async () => {
    const source = { ...sourceOf({}), sources: [{ id: 'directory ./plugins' }, { id: 'npm:x' }] };
    const error = await errorOf(ask({}, ['a'], { source }));
    expect(error.message).toContain('Searched: directory ./plugins, npm:x.');
    expect(error.details.sources).toEqual(['directory ./plugins', 'npm:x']);
  });

  test('does not depend on hints that a source fails to give', async () => {
    const fails = () => Promise.reject(new Error('no connection'));
    const source = { ...sourceOf({}), names: fails, broken: fails };
    await expect(ask({}, ['a'], { source })).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' });
  });

  test('says that it gave up after the agreed number of wrong turns', async () => {
    const { specs, source } = pigeons(6);
    const error = await errorOf(ask({}, specs, { source, maxConflicts: 10 }));
    expect(error).toMatchObject({ code: 'ERR_RESOLUTION', details: { limit: 10 } });
    expect((await errorOf(ask({}, specs, { source }))).details.tree).toBeDefined();
  });
});
