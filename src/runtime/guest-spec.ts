import type { Limits } from '../manifest/limits.js';
import type { Manifest } from '../manifest/manifest.js';
import type { GuestSpec } from '../sandbox/protocol.js';
import type { ResolvedImports } from './preflight.js';
import type { PreparedModule } from './prepare-module.js';

/** What earlier steps of the load found out and made. */
export interface GuestSpecParts {
  readonly id: number;
  readonly modules: readonly PreparedModule[];
  readonly imports: ResolvedImports;
  readonly limits: Limits;
  readonly config: Readonly<Record<string, string>>;
  readonly guestPages: number;
  readonly wasi: GuestSpec['wasi'];
  readonly asSdk?: GuestSpec['asSdk'];
  readonly logLevel?: number | undefined;
}

/** What a sandbox thread has to know of a plugin. */
export function guestSpec(
  manifest: Manifest,
  { id, modules, imports, limits, config, guestPages, wasi, asSdk, logLevel }: GuestSpecParts,
): GuestSpec {
  const main = modules.find(({ name }) => name === 'main')!;
  const { startExports, fuelExport, memoryExport } = main.compiled.facts;
  const { startup, renamed } = startUp(startExports, imports.wasi);
  return {
    id,
    plugin: manifest.name,
    version: manifest.version,
    modules: modules.map((one) => ({ name: one.name, module: one.compiled.module, ...linkedStart(one) })),
    startup,
    renamedExports: renamed,
    ...(fuelExport && { fuelExport }),
    ...(memoryExport && { memoryExport }),
    guestPages,
    memories: memoriesOf(modules),
    limits,
    config: Object.entries(config),
    hostFunctions: imports.hostFunctions.map(({ definition: _, ...declared }) => declared),
    ...(wasi && { wasi }),
    ...(asSdk && { asSdk }),
    logLevel: logLevel ?? 0,
  };
}

/** One of 64 bits has twice the addresses. */
function memoriesOf(modules: readonly PreparedModule[]): number {
  let count = 0;
  for (const { summary } of modules) {
    for (const { imported, is64 } of summary.memories) if (!imported) count += is64 ? 2 : 1;
  }
  return count;
}

/** `main` is started when all are there. What a command does when it is started is nothing that others link to. */
function linkedStart({ name, compiled }: PreparedModule): { startup?: readonly string[] } {
  const { initialize, hsInit } = compiled.facts.startExports;
  const startup = [initialize, hsInit].filter((one) => one !== undefined);
  return name === 'main' || startup.length === 0 ? {} : { startup };
}

/** Reactor, Haskell, command: in the order in which Extism runs them. With WASI a command waits to be called. */
function startUp(
  { initialize, start, hsInit }: PreparedModule['compiled']['facts']['startExports'],
  wasi: boolean,
): { startup: string[]; renamed: ReadonlyMap<string, string> } {
  const called = wasi && !hsInit ? start : undefined;
  const startup = [initialize, hsInit ?? (called ? undefined : start)].filter((one) => one !== undefined);
  return { startup, renamed: new Map(called ? [['_start', called]] : []) };
}
