import { z } from 'zod';
import {
  isSchema,
  type Schema,
  type SchemaInput,
  type SchemaOutput,
} from '../../src/bridge/standard-schema.js';
import type { CordonError } from '../../src/errors/cordon-error.js';
import { unlimited } from '../../src/manifest/limits-schema.js';
import { passThrough, strictObject } from '../../src/manifest/schema-parts.js';
import type { Output } from '../output.js';

/** What happens where a plugin fails: the run rejects, or goes on without it. */
export type FailurePolicy = 'fail' | 'skip';

/** What plugins get at an extension point, and what they have to answer. */
export interface ExtensionContract {
  /** Checked once for each run; for a waterfall, also before each further plugin. Default: anything. */
  readonly input?: Schema;
  /** Checked for each plugin. Default: values are `Output`s. */
  readonly output?: Schema;
  /** Default `'fail'`. A policy that `createHost` was given for a plugin by its name comes before it. */
  readonly failurePolicy?: FailurePolicy;
  /** For a whole run, waiting included. Milliseconds; default `Infinity`. */
  readonly timeoutMs?: number;
  /** For one call; the plugin's `limits.timeoutMs` stays the ceiling. Default: that. */
  readonly callTimeoutMs?: number;
  /** Is this value an answer, for `first`? Default: all but `null`, `undefined` and an empty output. */
  readonly isAnswer?: (value: never) => boolean;
}

/** Options of one run. What is absent is as the contract says. */
export interface RunOptions {
  readonly signal?: AbortSignal;
  readonly failurePolicy?: FailurePolicy;
  readonly timeoutMs?: number;
  readonly callTimeoutMs?: number;
  /** As in `plugin.call`. */
  readonly context?: unknown;
  readonly tenant?: string;
  readonly priority?: number;
}

export type ExtensionInput<C> = C extends { readonly input: infer S } ? SchemaInput<S> : unknown;
export type ExtensionValue<C> = C extends { readonly output: infer S } ? SchemaOutput<S> : Output;

/** What one plugin answered in a run. */
export interface ExtensionResult<V> {
  readonly plugin: string;
  readonly version: string;
  readonly export: string;
  readonly ok: boolean;
  /** Present where `ok`, unless a plugin of `first` or a waterfall answered nothing. */
  readonly value?: V;
  /** Present where not `ok`. */
  readonly error?: CordonError;
  /** The wait in its queue included. */
  readonly durationMs: number;
}

/** A plugin that contributes and was not asked. */
export interface SkippedExtension {
  readonly plugin: string;
  readonly version: string;
  /** Its state, such as `quarantined`; `gone` and `changed` where it was unloaded or reloaded during the run. */
  readonly reason: string;
}

/** What came of a run, in the order of the plugins. Frozen. */
export interface ExtensionRun<V> {
  readonly results: readonly ExtensionResult<V>[];
  readonly skipped: readonly SkippedExtension[];
  /** Of the results that have one. */
  readonly values: readonly V[];
}

/** Of `first`: the answer, and whose it is; both undefined where nobody answered. */
export interface FirstRun<V> extends ExtensionRun<V> {
  readonly value: V | undefined;
  readonly plugin: string | undefined;
}

/** Of `waterfall`: what came out at the end. */
export interface WaterfallRun<V, I> extends ExtensionRun<V> {
  readonly value: V | I;
}

/** A plugin's function at an extension point. */
export interface ExtensionEntry {
  readonly plugin: string;
  readonly version: string;
  readonly export: string;
  readonly priority: number;
}

const policy = z.enum(['fail', 'skip'], { error: '"fail" or "skip"' }).optional();
const duration = unlimited('duration').optional();
const schema = passThrough<Schema>(isSchema, 'a zod schema (or another Standard Schema)').optional();

export const contractSchema = strictObject(
  {
    input: schema,
    output: schema,
    failurePolicy: policy,
    timeoutMs: duration,
    callTimeoutMs: duration,
    isAnswer: passThrough<(value: unknown) => boolean>(
      (value) => typeof value === 'function',
      'a function',
    ).optional(),
  },
  'an object { input, output, failurePolicy, timeoutMs, callTimeoutMs, isAnswer }',
).readonly();

export const runOptionsSchema = strictObject(
  {
    signal: passThrough<AbortSignal>(
      (value) => typeof (value as AbortSignal | null)?.addEventListener === 'function',
      'an AbortSignal',
    ).optional(),
    failurePolicy: policy,
    timeoutMs: duration,
    callTimeoutMs: duration,
    // Checked by the calls.
    ...{ context: z.unknown().optional(), tenant: z.unknown().optional(), priority: z.unknown().optional() },
  },
  'an object { signal, failurePolicy, timeoutMs, callTimeoutMs, context, tenant, priority }',
).readonly();

export type ResolvedContract = z.output<typeof contractSchema>;
export type ResolvedRunOptions = z.output<typeof runOptionsSchema>;
