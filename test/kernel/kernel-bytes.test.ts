import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import wabt from 'wabt';
import { toMemory64 } from './to-memory64.js';

const fileOf = (name: string) => fileURLToPath(new URL(`../../src/kernel/${name}`, import.meta.url));

// `npm run kernel` rewrites the files (vitest's snapshot update).
test.each([
  ['kernel-bytes.ts', 'KERNEL_BYTES', 'The kernel, compiled from `kernel.wat`.', (wat: string) => wat],
  [
    'kernel64-bytes.ts',
    'KERNEL64_BYTES',
    'The kernel for a memory of 64 bits, compiled from `kernel.wat` by way of `test/kernel/to-memory64.ts`.',
    toMemory64,
  ],
])('%s is what kernel.wat compiles to', async (name, constant, what, change) => {
  const wat = change(await readFile(fileOf('kernel.wat'), 'utf8'));
  const module = (await wabt()).parseWat('kernel.wat', wat, { memory64: true });
  module.resolveNames();
  module.validate();
  const { buffer } = module.toBinary({ write_debug_names: true });
  const base64 = Buffer.from(buffer)
    .toString('base64')
    .replace(/.{1,100}/g, (line) => `  '${line}',\n`);
  await expect(
    [
      '// Generated from kernel.wat by `npm run kernel`; test/kernel/kernel-bytes.test.ts holds the two together.',
      '// biome-ignore format: generated',
      `const BASE64 = [\n${base64}].join('');`,
      '',
      `/** ${what} */`,
      `export const ${constant}: Uint8Array<ArrayBuffer> = Uint8Array.from(Buffer.from(BASE64, 'base64'));`,
      '',
    ].join('\n'),
  ).toMatchFileSnapshot(fileOf(name));
});
