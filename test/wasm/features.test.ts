import { describe, expect, test } from 'vitest';
import { FEATURE_PROBES } from '../../src/wasm/feature-probes.js';
import {
  checkFeatures,
  defaultFeatures,
  FEATURE_NAMES,
  type FeatureName,
  featureByName,
  supportedFeatures,
} from '../../src/wasm/features.js';
import { summarizeModule } from '../../src/wasm/summary.js';
import { thrown } from '../thrown.js';
import { wat } from './wat.js';

describe('features', () => {
  test.each(FEATURE_NAMES)('the probe of %s is found to use it', (name) => {
    expect(summarizeModule(Uint8Array.from(FEATURE_PROBES[name])).features).toContain(name);
  });

  test.each([
    ['(module (func (result i32) i32.const 1 i32.extend8_s))', ['sign-extension']],
    ['(module (memory 1) (data "x"))', ['bulk-memory']],
    ['(module (func (param externref)))', ['reference-types']],
    ['(module (func (param v128)))', ['simd']],
    ['(module (func (block (result i32 i32) i32.const 1 i32.const 2) drop drop))', ['multi-value']],
    ['(module (memory i64 1))', ['memory64']],
    ['(module (memory 1 1 shared))', ['threads', 'shared-memory']],
    ['(module (tag) (func try throw 0 catch_all end))', ['exception-handling', 'legacy-exceptions']],
    ['(module (memory 1) (memory 1))', ['multi-memory']],
    ['(module (func return_call 0))', ['tail-call']],
    ['(module (table 1 funcref) (elem (i32.const 0) 0) (func))', []],
  ] as [string, FeatureName[]][])('%s uses %j', (text, expected) => {
    expect([...summarizeModule(wat(text)).features].sort()).toEqual([...expected].sort());
  });

  test('a module with a feature outside of the allow-list is ERR_FEATURE, and all such features are named', () => {
    const summary = summarizeModule(wat('(module (memory 1) (data "x") (func (param v128)))'));
    const error = thrown(() => checkFeatures(summary, ['tail-call']));
    expect(error.code).toBe('ERR_FEATURE');
    expect(error.details.features).toEqual(expect.arrayContaining(['simd', 'bulk-memory']));
    expect(() => checkFeatures(summary, ['simd128', 'bulk-memory'])).not.toThrow();
  });

  test('the baseline that every compiler emits is always allowed', () => {
    const summary = summarizeModule(wat('(module (func (result i32) i32.const 1 i32.extend8_s))'));
    expect(() => checkFeatures(summary, [])).not.toThrow();
  });

  test('an unknown name in the allow-list is ERR_OPTIONS and the nearest name is told', () => {
    const error = thrown(() => checkFeatures({ features: new Set() }, ['bulk-memry']));
    expect(error.code).toBe('ERR_OPTIONS');
    expect(error.message).toContain('"bulk-memory"');
    expect(featureByName('__proto__')).toBeUndefined();
  });

  test('the default list is what Node supports, without shared memories and garbage collection', () => {
    expect(supportedFeatures()).toEqual(expect.arrayContaining(['simd', 'bulk-memory', 'tail-call']));
    expect(defaultFeatures()).not.toContain('shared-memory');
    expect(defaultFeatures()).not.toContain('gc');
    expect(defaultFeatures().length).toBeGreaterThan(10);
  });
});
