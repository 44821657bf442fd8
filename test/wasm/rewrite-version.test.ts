import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { rewriteModule } from '../../src/wasm/rewrite.js';
import { REWRITE_VERSION } from '../../src/wasm/rewrite-version.js';
import { wat } from './wat.js';

const MODULE = `(module
  (import "extism:host/env" "alloc" (func (param i64) (result i64)))
  (memory (export "memory") 1) (table 2 funcref) (global $g (mut i32) (i32.const 0))
  (func (export "_start"))
  (func $f (param i32) (result i32)
    (loop $again (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (memory.fill (i32.const 0) (i32.const 1) (i32.const 8))
    (drop (memory.grow (i32.const 1)))
    (call $f (local.get 0)))
  (elem (i32.const 0) $f))`;

it('what rewriting makes has not changed since the version was counted up', () => {
  const digests = [true, false].map((metering) => {
    const options = {
      maxMemoryBytes: 2 ** 20,
      maxTableElements: 100,
      metering,
      renameImportModules: { 'extism:host/env': 'cordon:env' },
    };
    return createHash('sha256')
      .update(rewriteModule(wat(MODULE), options).bytes)
      .digest('hex')
      .slice(0, 16);
  });
  // Where this fails, count REWRITE_VERSION up, and take the new digests: old entries on disk must not be used.
  expect([REWRITE_VERSION, ...digests]).toMatchInlineSnapshot(`
    [
      1,
      "1f734a87ad441090",
      "f5d0ba8c4f916f5b",
    ]
  `);
});
