import { z } from 'zod';
import type { Transport } from '../../src/bridge/http/transport.js';
import { cordonError } from '../../src/errors/cordon-error.js';
import type { Logger } from '../../src/log/logger.js';
import { parseOptions } from '../../src/manifest/parse-options.js';
import type { Permissions } from '../../src/manifest/permissions.js';
import { type PermissionsInput, permissionsSchema } from '../../src/manifest/permissions-schema.js';
import { mapSchema, passThrough, strictObject } from '../../src/manifest/schema-parts.js';
import { readEmbeddedManifest } from '../../src/runtime/embedded-manifest.js';
import { loadTarget } from '../../src/runtime/load-target.js';
import type { HostProbe } from '../../src/runtime/test-doubles.js';
import { Host } from '../host.js';
import { type HostFunctionsInput, hostFunctionsSchema } from '../host-functions-option.js';
import { type HostOptions, parseHostOptions } from '../options.js';
import { isSpec, notASpec, type PluginSpec } from '../plugin-spec.js';
import { type HttpOption, httpSchema, openHttp } from './http-option.js';
import { type RunningFunctions, recordedFunctions } from './mock-functions.js';
import { Recorder } from './recorder.js';
import { TestClock } from './test-clock.js';
import { type FileTree, TestFiles } from './test-files.js';
import { TestPlugin } from './test-plugin.js';

/** How a plugin is loaded for a test. All are optional. */
export interface TestOptions {
  /** Functions that the plugin imports: `mockHostFunction`, or real ones by `defineHostFunction`. Default: none. */
  readonly hostFunctions?: HostFunctionsInput;
  /** Who answers its HTTP requests: a table, a function, or a recording. Default: nobody, a request fails its call. */
  readonly http?: HttpOption;
  /** What is in its mounts, by guest path. Default: nothing. */
  readonly files?: FileTree;
  /** Environment variables that there are; it sees those that its manifest asks for. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  /** Config texts, over those of its manifest. */
  readonly config?: Readonly<Record<string, string>>;
  /** When it begins, in milliseconds since the epoch, or a date; then it stands. `'real'`: the machine's. Default 0, 1970-01-01. */
  readonly clock?: number | Date | 'real';
  /** Of what its random bytes are made. `false`: real ones. Default `'cordon'`. */
  readonly seed?: string | false;
  /** What it is granted of what it asks for. Default `'all'` of it. */
  readonly grants?: 'all' | PermissionsInput;
  /** As in `createHost`. */
  readonly limits?: HostOptions['limits'];
  readonly api?: HostOptions['api'];
  /** Where its dependencies come from. */
  readonly catalog?: HostOptions['catalog'];
  readonly metering?: boolean;
  /** Gets the host's log. Default: nobody; what the plugin logs is in the results. */
  readonly logger?: Logger;
}

const nothing = (): void => {};
const silent: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => silent };
const CLOCK = 'milliseconds since the epoch, a Date, or "real"';
const texts = (expected: string) =>
  mapSchema(z.string(), z.string({ error: 'a text' }), expected, { max: 10_000 });
const content = passThrough<string | Uint8Array>(
  (value) => typeof value === 'string' || value instanceof Uint8Array,
  'a text or bytes',
);

const later = z.unknown().optional();
const optionsSchema = strictObject(
  {
    hostFunctions: hostFunctionsSchema.prefault({}),
    http: httpSchema,
    files: mapSchema(z.string(), content, 'an object of guest paths and contents', { max: 10_000 }).prefault(
      {},
    ),
    env: texts('an object of environment variables').prefault({}),
    config: texts('an object of config texts').prefault({}),
    clock: z
      .union([z.literal('real'), z.number().min(0).max(8.64e15), z.date()], { error: CLOCK })
      .transform((value) => (value instanceof Date ? value.getTime() : value))
      .default(0),
    seed: z.union([z.literal(false), z.string()], { error: 'a text, or false' }).default('cordon'),
    grants: z.union([z.literal('all'), permissionsSchema]).default('all'),
    // Held against the schema of createHost, which says what is wrong with them.
    ...{ limits: later, api: later, catalog: later, metering: later, logger: later },
  },
  'an object of options',
);

/**
 * Loads one plugin into a host of its own, in the very sandbox that it runs in later, with the world around it replaced: host
 * functions, HTTP, files, environment, clock and random bytes. Limits, permissions and violations are real; quarantine is off.
 *
 * @param spec the path or URL of a `plugin.json` or of a `.wasm`, or `{ manifest, wasm }`
 * @throws ERR_OPTIONS, and what `host.load` throws
 * @example
 * await using plugin = await loadPlugin('./plugin.json', { http: { 'https://api.example.com/': '{}' } });
 * const call = await plugin.call('render', '# hello');
 * expect(call.text()).toBe('<h1>hello</h1>');
 * expect(call).toStayWithin({ fuel: 1e6 });
 */
export async function loadPlugin(spec: PluginSpec, options: TestOptions = {}): Promise<TestPlugin> {
  if (!isSpec(spec)) throw notASpec(spec);
  const resolved = parseOptions(optionsSchema, options, 'The options of loadPlugin');
  const { clock: startMs, seed, env, config, limits, api, catalog, metering, logger = silent } = resolved;
  const shape = parseHostOptions(withoutAbsent({ limits, api, catalog, metering, logger }) as HostOptions);
  const target = await loadTarget(spec as never, {
    read: readEmbeddedManifest,
    maxModuleBytes: shape.validation.maxModuleBytes,
  });
  if (!('candidate' in target)) throw notAFile(spec);
  const { name, permissions: asked } = target.candidate.manifest;
  const granted: Permissions = resolved.grants === 'all' ? asked : resolved.grants;
  const { files, fs } = await TestFiles.create(granted.fs, resolved.files);
  const recorder = new Recorder();
  const running: RunningFunctions = new Set();
  const clock = startMs === 'real' ? undefined : new TestClock(startMs);
  let host: Host | undefined;
  try {
    const http = openHttp(resolved.http, recorder);
    let probe: HostProbe | undefined;
    host = await Host.create(
      parseHostOptions({
        ...(withoutAbsent({ limits, api, catalog, metering, logger }) as HostOptions),
        hostFunctions: recordedFunctions(resolved.hostFunctions, recorder, running),
        grants: { [name]: { ...granted, fs } as PermissionsInput },
        onPermissionRequest: async ({ plugin }) => (plugin === name ? 'deny' : 'grant'),
        config: { [name]: config },
        threads: { min: 1, max: 2 },
        quarantine: { maxViolations: Number.POSITIVE_INFINITY },
        idle: { unloadAfterMs: Number.POSITIVE_INFINITY },
      }),
      {
        transport: http.transport satisfies Transport,
        env,
        wasi: {
          ...(seed !== false && { seed }),
          ...(clock && { nowMs: startMs as number, passed: clock.passed }),
        },
        onProbe: (given) => {
          probe = given;
        },
      },
    );
    const { plugin, calls } = await TestPlugin.observe(host, name, recorder, () => host!.load(spec));
    return new TestPlugin({ host, plugin, recorder, calls, files, http, clock, running, probe: probe! });
  } catch (error) {
    await host?.close({ drainMs: 0 });
    await files.remove();
    throw error;
  }
}

function withoutAbsent(options: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function notAFile(spec: unknown): Error {
  return cordonError(
    'ERR_OPTIONS',
    `loadPlugin was given ${JSON.stringify(spec)}; expected the path of a plugin.json or of a .wasm (./ in front), or { manifest, wasm }.`,
  );
}
