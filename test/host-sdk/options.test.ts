import { generateKeyPairSync } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { pino } from 'pino';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  parseCallOptions,
  parseCloseOptions,
  parseLoadOptions,
  parseReloadOptions,
  parseUnloadOptions,
} from '../../host-sdk/call-options.js';
import { type HostOptions, parseHostOptions, type ResolvedHostOptions } from '../../host-sdk/options.js';
import type { HostFunction } from '../../src/bridge/host-function.js';
import type { CatalogSource } from '../../src/catalog/catalog-source.js';
import { OptionsError } from '../../src/errors/cordon-error.js';
import { DEFAULT_LIMITS } from '../../src/manifest/limits.js';
import type { Problem } from '../../src/manifest/problem.js';
import type { RuntimeOptions } from '../../src/runtime/runtime-options.js';
import { thrown } from '../thrown.js';

const logger = pino({ level: 'silent' });
const hostFunction: HostFunction = {
  kind: 'host-function',
  params: ['text'],
  result: 'bytes',
  handler: () => null,
};

/** What is wrong with options, as `path: found, expected`. */
function problemsOf(options: unknown): string[] {
  const error = thrown(() => parseHostOptions(options as HostOptions), OptionsError);
  expect(error.code).toBe('ERR_OPTIONS');
  const problems = error.details.problems as readonly Problem[];
  for (const { path } of problems) expect(error.message).toContain(path);
  return problems.map(({ path, found, expected }) => `${path}: ${found}, ${expected}`);
}

describe('defaults', () => {
  test('are those of the contract', () => {
    const { logger: standard, ...options } = parseHostOptions();
    expect(options).toEqual({
      catalog: [],
      api: {},
      hostFunctions: {},
      grants: {},
      config: {},
      limits: DEFAULT_LIMITS,
      budget: {
        memoryBytes: 2 ** 30,
        concurrentCalls: 100,
        queuedCalls: 10_000,
        instances: 1000,
        cpuPercent: 80,
        connections: 100,
        openFiles: 1024,
      },
      isolation: { '*': 'shared' },
      threads: { min: 1, max: availableParallelism(), idleMs: 30_000 },
      validation: { maxModuleBytes: 50 * 2 ** 20, signatures: 'off', trustedKeys: [], revokedDigests: [] },
      quarantine: {
        maxViolations: 3,
        windowMs: 60_000,
        releaseAfterMs: Number.POSITIVE_INFINITY,
        cascade: true,
        weights: {},
      },
      cache: { maxBytes: 100 * 2 ** 20, maxDirectoryBytes: 2 ** 30 },
      idle: { unloadAfterMs: 300_000, sweepMs: 30_000 },
      plugins: {},
      watch: false,
      mode: 'enforce',
      metering: true,
      lockfile: false,
      resolution: { minimumReleaseAgeMs: 0, refuse: [] },
    });
    expect((standard as ReturnType<typeof pino>).level).toBe('info');
  });

  test('stand in for options that are undefined, at every level', () => {
    const options = parseHostOptions({
      logger,
      catalog: undefined,
      limits: { timeoutMs: undefined },
      budget: undefined,
      quarantine: { maxViolations: 5, windowMs: undefined },
      grants: { '*': { http: undefined } },
    });
    expect(options.limits).toEqual(DEFAULT_LIMITS);
    expect(options.quarantine).toMatchObject({ maxViolations: 5, windowMs: 60_000 });
    expect(options.grants['*']?.http).toEqual([]);
  });

  test('give threads a maximum that is not below the minimum', () => {
    const min = availableParallelism() + 3;
    expect(parseHostOptions({ logger, threads: { min } }).threads.max).toBe(min);
  });
});

describe('values', () => {
  test('are what the runtime takes', () => {
    expectTypeOf<ResolvedHostOptions>().toExtend<RuntimeOptions>();
    const { config } = parseHostOptions({ logger, config: { '@acme/x': { theme: 'dark' } } });
    expect(config).toEqual({ '@acme/x': { theme: 'dark' } });
  });

  test('are frozen all the way down, and nothing of the application is', () => {
    const source: CatalogSource = { id: 'mine', candidates: async () => [] };
    const plugin = {
      manifest: { manifestVersion: 1, name: 'a', version: '1.0.0' },
      wasm: new Uint8Array(8),
    } as const;
    const definition = { ...hostFunction, params: ['text' as const] };
    const onPermissionRequest = async () => 'deny' as const;
    const given = {
      catalog: [source, plugin],
      hostFunctions: { kv_read: definition },
      grants: { a: { http: ['example.com'], fs: { read: { '/data': './data' } } } },
      limits: { memoryBytes: '1MiB' },
      logger,
      onPermissionRequest,
    } satisfies HostOptions;
    const options = parseHostOptions(given);

    expect(options.catalog[0]).toBe(source);
    expect(options.catalog[1]).toBe(plugin);
    expect(options.hostFunctions['extism:host/user']?.kv_read).toBe(definition);
    expect(options.logger).toBe(logger);
    expect(options.onPermissionRequest).toBe(onPermissionRequest);
    const own = [
      source,
      plugin,
      plugin.manifest,
      definition,
      definition.params,
      logger,
      given,
      given.catalog,
    ];
    for (const value of [...own, given.grants.a, given.grants.a.http, given.limits]) {
      expect(Object.isFrozen(value)).toBe(false);
    }
    const made: unknown[] = [
      options,
      ...Object.values(options).filter((value) => value !== logger && value !== onPermissionRequest),
    ];
    made.push(options.grants.a, options.grants.a?.http, options.grants.a?.http[0], options.grants.a?.fs.read);
    made.push(options.hostFunctions['extism:host/user'], options.validation.trustedKeys);
    for (const value of made) expect(Object.isFrozen(value)).toBe(true);
  });

  test('may be infinite where a host speaks, and zero means zero', () => {
    const options = parseHostOptions({
      logger,
      limits: { timeoutMs: Number.POSITIVE_INFINITY, memoryBytes: Number.POSITIVE_INFINITY, fuel: 0 },
      budget: { memoryBytes: Number.POSITIVE_INFINITY, queuedCalls: 0 },
      quarantine: { maxViolations: Number.POSITIVE_INFINITY },
      cache: { maxBytes: 0 },
    });
    expect(options.limits).toMatchObject({
      timeoutMs: Infinity,
      memoryBytes: Infinity,
      fuel: 0,
      cpuPercent: 50,
    });
    expect(options.budget).toMatchObject({ memoryBytes: Infinity, queuedCalls: 0 });
    expect(options.quarantine.maxViolations).toBe(Infinity);
    expect(options.cache.maxBytes).toBe(0);
  });

  test('of the catalog may be one entry or nested lists, and become one list', () => {
    const source: CatalogSource = { id: 'mine', candidates: async () => [] };
    const catalog = ['./plugins', [source, ['npm:@acme/markdown', new URL('file:///srv/plugins')]]] as const;
    expect(parseHostOptions({ logger, catalog }).catalog).toEqual([
      './plugins',
      source,
      'npm:@acme/markdown',
      'file:///srv/plugins',
    ]);
    expect(parseHostOptions({ logger, catalog: './plugins' }).catalog).toEqual(['./plugins']);
    const modules = { main: new Uint8Array(8), math: new ArrayBuffer(8) };
    const manifest = { manifestVersion: 1, name: 'a', version: '1.0.0' } as const;
    expect(parseHostOptions({ logger, catalog: { manifest, wasm: modules } }).catalog).toHaveLength(1);
  });

  test('of hostFunctions are told apart by their kind: functions and namespaces may stand side by side', () => {
    const { hostFunctions } = parseHostOptions({
      logger,
      hostFunctions: {
        kv_read: hostFunction,
        env: { now: hostFunction },
        'extism:host/user': { kv_write: hostFunction },
        constructor: hostFunction,
      },
    });
    expect(Object.keys(hostFunctions)).toEqual(['extism:host/user', 'env']);
    expect(Object.keys(hostFunctions['extism:host/user']!)).toEqual(['kv_read', 'kv_write', 'constructor']);
    expect(hostFunctions.env?.now).toBe(hostFunction);
    expect(hostFunctions.toString).toBeUndefined();
  });

  test('of isolation may be one word for all, or words by plugin', () => {
    expect(parseHostOptions({ logger, isolation: 'process' }).isolation).toEqual({ '*': 'process' });
    expect(parseHostOptions({ logger, isolation: { '@acme/x': 'thread' } }).isolation).toEqual({
      '*': 'shared',
      '@acme/x': 'thread',
    });
  });

  test('of trusted keys are public keys, with scopes and dates if need be', () => {
    const pem = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }) as string;
    const other = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }) as string;
    const trustedKeys = [pem, { pem: other, id: 'acme', scopes: ['@acme/*'], notAfter: '2027-01-01' }];
    expect(parseHostOptions({ logger, validation: { trustedKeys } }).validation.trustedKeys).toEqual([
      { pem: pem.trim(), scopes: ['*'], revoked: false },
      { pem: other.trim(), id: 'acme', scopes: ['@acme/*'], notAfter: Date.UTC(2027, 0, 1), revoked: false },
    ]);
  });
});

describe('refusals', () => {
  test('name the nearest known key at every level', () => {
    expect(
      problemsOf({
        logger,
        catalogue: [],
        hostFunction: {},
        xyz: 1,
        limits: { timeoutms: 1, memory: 1 },
        budget: { conections: 1 },
        grants: { '*': { htpp: [] } },
        validation: { feature: [] },
      }),
    ).toEqual([
      'grants["*"].htpp: an unknown key, "http"',
      'limits.timeoutms: an unknown key, "timeoutMs"',
      'limits.memory: an unknown key, "memoryBytes"',
      'budget.conections: an unknown key, "connections"',
      'validation.feature: an unknown key, "features"',
      'catalogue: an unknown key, "catalog"',
      'hostFunction: an unknown key, "hostFunctions"',
      'xyz: an unknown key, one of catalog, api, hostFunctions, grants, onPermissionRequest, config, limits, budget, ' +
        'isolation, threads, validation, quarantine, cache, stateDirectory, idle, plugins, watch, mode, metering, logger, lockfile, resolution',
    ]);
  });

  test.each<[string, unknown, RegExp]>([
    ['catalog', '', /^catalog: "", the path of a directory/],
    ['catalog', ['./a', 5], /^catalog\[1\]: 5, the path of a directory/],
    ['catalog', 'npm:', /^catalog: "npm:", the path/],
    ['catalog', new URL('https://example.com/'), /^catalog: an object, the path/],
    ['catalog', { manifest: {}, wasm: 'a.wasm' }, /^catalog\.wasm: "a\.wasm", a Uint8Array/],
    ['catalog', { id: 'x' }, /^catalog: an object, the path/],
    ['api', { 'acme-notes': '3.4' }, /^api\["?acme-notes|^api\.acme-notes: "3\.4", a semver version/],
    ['api', { cordon: '1.0.0' }, /^api\.cordon: the key "cordon", another name/],
    ['hostFunctions', [], /^hostFunctions: an empty array, an object of host functions/],
    [
      'hostFunctions',
      { f: () => 1 },
      /^hostFunctions\.f: a function, a host function made by defineHostFunction, or/,
    ],
    ['hostFunctions', { env: { f: {} } }, /^hostFunctions\.env\.f: an object, a host function made by/],
    ['hostFunctions', { 'extism:host/env': {} }, /another namespace; this one is Cordon's$/],
    ['hostFunctions', { plugin_call: hostFunction }, /another name; plugin_call is Cordon's$/],
    [
      'hostFunctions',
      { f: hostFunction, 'extism:host/user': { f: hostFunction } },
      /user"\]\.f: .*one function of this/,
    ],
    ['grants', { Markdown: {} }, /^grants\.Markdown: the key "Markdown", a plugin name/],
    ['grants', { '*': { http: ['http://'] } }, /^grants\["\*"\]\.http\[0\]: "http:\/\/", a host rule/],
    ['onPermissionRequest', 'grant', /^onPermissionRequest: "grant", a function$/],
    ['config', { a: { retries: 3 } }, /^config\.a\.retries: 3, a text, or \{ secret \}/],
    ['limits', { timeoutMs: -1 }, /^limits\.timeoutMs: -1, milliseconds from 0 to 2147483647, or Infinity$/],
    ['limits', { timeoutMs: 2 ** 31 }, /^limits\.timeoutMs: 2147483648, milliseconds/],
    ['limits', { memoryBytes: '1 mb' }, /^limits\.memoryBytes: "1 mb", a size.*or Infinity$/],
    ['limits', { memoryBytes: Number.NaN }, /^limits\.memoryBytes: NaN, a size/],
    ['budget', { instances: 1.5 }, /^budget\.instances: 1\.5, a whole number from 0, or Infinity$/],
    ['isolation', 'none', /^isolation: "none", "shared", "thread", "process", or an object/],
    ['isolation', { a: 'none' }, /^isolation\.a: "none", "shared"/],
    ['threads', { min: 4, max: 2 }, /^threads\.max: 2, at least "min", which is 4$/],
    ['threads', { max: 0 }, /^threads\.max: 0, a whole number from 1 to 1024$/],
    ['validation', { signatures: true }, /^validation\.signatures: true, "off", "warn" or "require"$/],
    [
      'validation',
      { features: ['simd', 'smid'] },
      /^validation\.features\[1\]: "smid", a WebAssembly feature: .*\bsimd\b/,
    ],
    [
      'validation',
      { features: ['simd', 'simd'] },
      /^validation\.features\[1\]: "simd", something that is not in/,
    ],
    ['validation', { trustedKeys: ['x'] }, /^validation\.trustedKeys\[0\]: "x", a public key in PEM/],
    [
      'quarantine',
      { maxViolations: 0 },
      /^quarantine\.maxViolations: 0, a whole number from 1, or Infinity$/,
    ],
    ['cache', { maxBytes: -1 }, /^cache\.maxBytes: -1, a size/],
    ['idle', { sweepMs: 0 }, /^idle\.sweepMs: 0, at least 10 milliseconds$/],
    ['watch', 'yes', /^watch: "yes", true, false or an object \{ debounceMs, pollMs \}$/],
    ['watch', { debounceMs: 1 }, /^watch\.debounceMs: 1, milliseconds from 10 to 60000$/],
    ['watch', { pollMs: 0 }, /^watch\.pollMs: 0, milliseconds from 100, or Infinity$/],
    ['mode', 'off', /^mode: "off", "enforce" or "audit"$/],
    ['metering', null, /^metering: null, true or false$/],
    ['logger', console, /^logger: an object, a pino logger/],
    ['lockfile', { path: 'a', frozn: true }, /^lockfile\.frozn: an unknown key, "frozen"$/],
    [
      'resolution',
      { minimumReleaseAge: 1 },
      /^resolution\.minimumReleaseAge: an unknown key, "minimumReleaseAgeMs"$/,
    ],
    [
      'resolution',
      { minimumReleaseAgeMs: '3d' },
      /^resolution\.minimumReleaseAgeMs: "3d", milliseconds from 0, or Inf/,
    ],
    ['resolution', { minimumReleaseAgeMs: -1 }, /^resolution\.minimumReleaseAgeMs: -1, milliseconds from 0/],
    [
      'resolution',
      { minimumReleaseAgeMs: Number.NaN },
      /^resolution\.minimumReleaseAgeMs: NaN, milliseconds from 0/,
    ],
    ['resolution', { refuse: 'a' }, /^resolution\.refuse: "a", a function from a version to a reason/],
    [
      'resolution',
      { refuse: ['a', 'b@latest'] },
      /^resolution\.refuse\[1\]: "b@latest", a plugin name, or a name and/,
    ],
    [
      'resolution',
      { refuse: ['a@^1', 'a@^1'] },
      /^resolution\.refuse\[1\]: .*, something that is not in the list yet$/,
    ],
    ['resolution', { refuse: [{ spec: 'a', why: '' }] }, /^resolution\.refuse\[0\]\.why: an unknown key/],
    [
      'resolution',
      { refuse: [{ spec: 'a', reason: '' }] },
      /^resolution\.refuse\[0\]\.reason: "", a text of one line$/,
    ],
    ['lockfile', { frozen: true }, /^lockfile\.path: nothing, the path of plugins\.lock\.json$/],
    [
      'lockfile',
      true,
      /^lockfile: true, the path of plugins\.lock\.json, an object \{ path, frozen \}, or false$/,
    ],
  ])('%s does not take %j', (key, value, expected) => {
    const problems = problemsOf({ logger, [key]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(expected);
  });

  test('name a trusted key that is none, also inside of an object', () => {
    const key = 'a public key in PEM ("-----BEGIN PUBLIC KEY-----")';
    for (const one of ['abc', { pem: 'abc' }]) {
      const [problem, ...others] = problemsOf({ logger, validation: { trustedKeys: [one] } });
      expect(problem).toMatch(/^validation\.trustedKeys\[0\]/);
      expect(problem).toContain(key);
      expect(others).toEqual([]);
    }
  });

  test('do not repeat a private key that was given in place of a public one', () => {
    const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    const error = thrown(
      () => parseHostOptions({ logger, validation: { trustedKeys: [key] } }),
      OptionsError,
    );
    expect(error.message).toContain('found a private key');
    expect(JSON.stringify(error.details)).not.toContain(key.split('\n')[1]!.slice(0, 10));
  });

  test('are coded also where the options are no object, or a getter throws', () => {
    expect(problemsOf(null)).toEqual([': null, an object of options']);
    expect(problemsOf([])).toEqual([': an empty array, an object of options']);
    const cause = new Error('no');
    const hostile = {
      get catalog() {
        throw cause;
      },
    };
    expect(thrown(() => parseHostOptions(hostile as HostOptions), OptionsError).cause).toBe(cause);
  });
});

describe('options of methods', () => {
  test('have their defaults, and are frozen', () => {
    expect(parseCallOptions()).toEqual({ priority: 0 });
    expect(parseLoadOptions()).toEqual({ upgrade: false });
    expect(parseUnloadOptions()).toEqual({ drainMs: 10_000, cascade: false });
    expect(parseReloadOptions()).toEqual({ drainMs: 10_000 });
    expect(parseCloseOptions()).toEqual({ drainMs: 10_000 });
    for (const options of [parseCallOptions(), parseCallOptions({ fuel: 1 }), parseCloseOptions({})]) {
      expect(Object.isFrozen(options)).toBe(true);
    }
  });

  test('hand the signal and the context on as they are', () => {
    const { signal } = new AbortController();
    const context = { user: 'ada' };
    const options = parseCallOptions({
      signal,
      context,
      tenant: 'acme',
      timeoutMs: Infinity,
      fuel: 0,
      priority: -5,
    });
    expect(options.signal).toBe(signal);
    expect(options.context).toBe(context);
    expect(Object.isFrozen(context)).toBe(false);
    expect(options).toMatchObject({ tenant: 'acme', timeoutMs: Infinity, fuel: 0, priority: -5 });
  });

  test.each<[string, () => unknown, string]>([
    [
      'call',
      () => parseCallOptions({ timeout: 5 } as object),
      'timeout: found an unknown key, expected "timeoutMs"',
    ],
    [
      'call',
      () => parseCallOptions({ timeoutMs: '1s' } as object),
      'timeoutMs: found "1s", expected milliseconds',
    ],
    [
      'call',
      () => parseCallOptions({ signal: {} } as object),
      'signal: found an object, expected an AbortSignal',
    ],
    ['call', () => parseCallOptions({ tenant: '' }), 'tenant: found "", expected a text of one line'],
    [
      'call',
      () => parseCallOptions({ priority: 0.5 }),
      'priority: found 0.5, expected a whole number from -1000',
    ],
    ['load', () => parseLoadOptions({ signal: 1 } as object), 'signal: found 1, expected an AbortSignal'],
    [
      'load',
      () => parseLoadOptions({ upgrade: 'a' } as object),
      'upgrade: found "a", expected true, false, or a list',
    ],
    ['load', () => parseLoadOptions({ upgrade: ['a', 'A'] }), 'upgrade[1]: found "A", expected'],

    [
      'unload',
      () => parseUnloadOptions({ drain: 1 } as object),
      'drain: found an unknown key, expected "drainMs"',
    ],
    ['reload', () => parseReloadOptions({ to: 'latest' }), 'to: found "latest", expected a semver range'],
    ['close', () => parseCloseOptions({ drainMs: -1 }), 'drainMs: found -1, expected milliseconds'],
  ])('%s refuses what it does not know', (method, act, text) => {
    const error = thrown(act, OptionsError);
    expect(error.message).toContain(`The options of ${method}: 1 problem:`);
    expect(error.message).toContain(text);
  });
});
