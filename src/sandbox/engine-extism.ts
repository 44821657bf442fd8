import { createPlugin } from '@extism/extism';
import { linkModules } from './link-modules.js';
import type { GuestModule } from './protocol.js';

/** Functions by namespace and name, as a module imports them. */
export type EngineImports = Record<string, Record<string, CallableFunction>>;

const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/**
 * Lets Extism link and start the module in this thread, or links several, and returns the instance of `main`. Everything that Extism
 * would do on its own is off: it sees modules that are compiled by now, gets no hosts, paths or WASI, and finds no start-up export
 * (the rewrite renamed them). `imports` has to be a fresh object for every instance, because Extism keeps it.
 */
export async function instantiateWithExtism(
  modules: readonly GuestModule[],
  imports: EngineImports,
): Promise<WebAssembly.Instance> {
  if (modules.length > 1) return linkModules(modules, imports);
  const plugin = await createPlugin(
    { wasm: modules.map(({ name, module }) => ({ name, module: module as WebAssembly.Module })) },
    {
      functions: imports as never,
      runInWorker: false,
      useWasi: false,
      enableWasiOutput: false,
      allowedHosts: [],
      allowedPaths: {},
      config: {},
      logger: SILENT as never,
      logLevel: 'silent',
    },
  );
  return (await plugin.getInstance()) as WebAssembly.Instance;
}
