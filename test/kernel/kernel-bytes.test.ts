import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import wabt from 'wabt';

const wat = fileURLToPath(new URL('../../src/kernel/kernel.wat', import.meta.url));
const generated = fileURLToPath(new URL('../../src/kernel/kernel-bytes.ts', import.meta.url));

// `npm run kernel` rewrites the file (vitest's snapshot update).
test('kernel-bytes.ts is what kernel.wat compiles to', async () => {
  const module = (await wabt()).parseWat('kernel.wat', await readFile(wat, 'utf8'));
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
      '/** The kernel, compiled from `kernel.wat`. */',
      "export const KERNEL_BYTES: Uint8Array<ArrayBuffer> = Uint8Array.from(Buffer.from(BASE64, 'base64'));",
      '',
    ].join('\n'),
  ).toMatchFileSnapshot(generated);
});
