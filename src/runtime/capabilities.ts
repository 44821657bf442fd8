import type { Capabilities } from '../bridge/guest-call.js';
import type { Limits } from '../manifest/limits.js';
import type { Grant } from '../policy/grants.js';
import type { AskOrigin } from './ask-origin.js';
import { callFromPlugin } from './call-plugin.js';
import { httpFor } from './http.js';
import type { PluginUnit } from './plugin-unit.js';
import type { ResolvedImports } from './preflight.js';
import type { Runtime } from './runtime.js';

/** What one plugin may ask its host for, wired to its grant. */
export function createCapabilities(
  runtime: Runtime,
  grant: Grant,
  limits: Limits,
  imports: ResolvedImports,
  unit: () => PluginUnit,
): { capabilities: Capabilities; dispose: () => Promise<void> } {
  const http = httpFor(runtime, runtime.connections, grant, limits, unit);
  return {
    capabilities: {
      http: http.request,
      hostFunctions: imports.hostFunctions.map(({ name, definition }) => ({ name, definition })),
      callPlugin: (target, fn, input, call) =>
        callFromPlugin(runtime, unit(), target, fn, input, call, (call as AskOrigin).parent),
    },
    dispose: http.close,
  };
}
