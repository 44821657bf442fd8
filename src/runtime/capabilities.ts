import type { Capabilities } from '../bridge/guest-call.js';
import type { Limits } from '../manifest/limits.js';
import type { Grant } from '../policy/grants.js';
import type { AskOrigin } from './ask-origin.js';
import { PluginAudit } from './audit.js';
import { callFromPlugin } from './call-plugin.js';
import type { Embedding } from './embedding.js';
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
  embedding?: Embedding,
): { capabilities: Capabilities; dispose: () => Promise<void> } {
  const audit = runtime.options.mode === 'audit' ? new PluginAudit(runtime, grant, unit) : undefined;
  const http = httpFor(runtime, runtime.connections, grant, limits, unit, audit);
  for (const { name, refused } of imports.hostFunctions) {
    const request = grant.asked.hostFunctions.find((one) => one.name === name);
    if (refused === undefined && request?.optional !== true) audit?.trail.hostFunction(name, false);
  }
  return {
    capabilities: {
      http: embedding?.http(http.request) ?? http.request,
      hostFunctions: imports.hostFunctions.map(({ name, definition }) => ({ name, definition })),
      callPlugin: (target, fn, input, call) =>
        callFromPlugin(runtime, unit(), target, fn, input, call, (call as AskOrigin).parent, audit),
      masked: (error) => runtime.redaction.value(error),
      ...(audit && {
        audit: (ask, call) => audit.used(ask, call),
        onHostFunction: (name, call) => audit.calledFunction(name, call),
      }),
    },
    dispose: http.close,
  };
}
