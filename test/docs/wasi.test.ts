import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createWasi } from '../../src/sandbox/wasi/create-wasi.js';
import { section, tableRows } from './markdown.js';

const page = readFileSync(new URL('../../docs/reference/wasi.md', import.meta.url), 'utf8');
const names = (cell: string): string[] => [...cell.matchAll(/`([a-z_0-9-]+)`/g)].map(([, name]) => name!);

describe('docs/reference/wasi.md', () => {
  it('has every function of preview 1 once, and no other', () => {
    const wasi = createWasi({
      env: {},
      mounts: [],
      limits: { openFiles: 0, fileBytes: 0 },
      stdout: () => {},
      stderr: () => {},
      sleep: () => true,
      trap: () => {
        throw new Error('stopped');
      },
      violation: () => {},
    });
    const described = tableRows(section(page, 'Functions'))
      .slice(1)
      .flatMap(([cell]) => names(cell!));
    expect(described.sort()).toEqual(Object.keys(wasi.imports).sort());
    expect(described).toHaveLength(46);
  });

  it('has every reason of a refusal, and no other', () => {
    const source = readFileSync(new URL('../../src/sandbox/wasi/fault.ts', import.meta.url), 'utf8');
    const type = /type RefusalReason =([^;]+);/.exec(source)![1]!;
    const reasons = [...type.matchAll(/'([a-z-]+)'/g)].map(([, name]) => name!);
    const described = tableRows(section(page, 'Refusals'))
      .slice(1)
      .flatMap(([cell]) => names(cell!));
    expect(described.filter((name) => name !== 'repeated').sort()).toEqual(reasons.sort());
  });
});

it('docs/threat-model.md names tests that exist', () => {
  const model = new URL('../../docs/threat-model.md', import.meta.url);
  const links = [...readFileSync(model, 'utf8').matchAll(/\]\((\.\.\/test\/[^)#]+)\)/g)].map(
    ([, path]) => path!,
  );
  expect(links.length).toBeGreaterThan(50);
  expect(links.filter((path) => !existsSync(new URL(path, model)))).toEqual([]);
});
