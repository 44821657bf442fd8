import { z } from 'zod';
import { deepFreeze } from './deep-freeze.js';
import { httpRuleSchema } from './http-rule.js';
import { mountTableSchema } from './mounts.js';
import { type HostFunctionRequest, NO_PERMISSIONS, type Permissions } from './permissions.js';
import { pluginNameSchema } from './plugin-name.js';
import { lineSchema, listSchema, strictObject, withoutUndefined } from './schema-parts.js';

const ENV_EXPECTED = 'the name of an environment variable such as "LANG"';
const FUNCTION_EXPECTED =
  'the name of a host function such as "kv_read", or an object { name, optional, reason }';

const hostFunctionName = lineSchema(FUNCTION_EXPECTED, { max: 256, pattern: /^(?!__proto__$)[!-~]+$/ });

const hostFunctionSchema = z
  .union(
    [
      hostFunctionName,
      strictObject(
        {
          name: hostFunctionName.meta({ description: 'As the guest imports it.' }),
          optional: z
            .boolean({ error: 'true or false' })
            .meta({ description: 'The plugin loads also where the function is not granted.', default: false })
            .optional(),
          reason: lineSchema('a sentence of one line', { max: 500 })
            .meta({ description: 'Why the plugin needs it, for the person who grants.' })
            .optional(),
        },
        FUNCTION_EXPECTED,
      ),
    ],
    { error: FUNCTION_EXPECTED },
  )
  .transform(
    (request): HostFunctionRequest =>
      typeof request === 'string'
        ? { name: request, optional: false }
        : withoutUndefined({ ...request, optional: request.optional ?? false }),
  );

/** What a manifest asks for and what a host grants: one shape. Absent parts are nothing. */
export const permissionsSchema = strictObject(
  {
    http: listSchema(httpRuleSchema, 'a list of HTTP rules', { max: 100, identity: JSON.stringify })
      .meta({ description: 'Where HTTP requests may go.' })
      .optional(),
    fs: mountTableSchema.meta({ description: 'Directories of the host that the guest sees.' }).optional(),
    env: listSchema(
      lineSchema(ENV_EXPECTED, { max: 128, pattern: /^(?!__proto__$)[A-Za-z_][A-Za-z0-9_]*$/ }),
      'a list of names of environment variables',
      { max: 64 },
    )
      .meta({ description: 'Environment variables that the guest sees.', uniqueItems: true })
      .optional(),
    hostFunctions: listSchema(hostFunctionSchema, 'a list of host functions', {
      max: 256,
      identity: (request) => request.name,
    })
      .meta({ description: 'Functions of the host that the guest may call.' })
      .optional(),
    plugins: listSchema(pluginNameSchema, 'a list of plugin names', { max: 128 })
      .meta({ description: 'Plugins that this one may call; dependencies are implied.', uniqueItems: true })
      .optional(),
  },
  'an object with "http", "fs", "env", "hostFunctions" and "plugins"',
).transform(
  (permissions): Permissions => deepFreeze({ ...NO_PERMISSIONS, ...withoutUndefined(permissions) }),
);

/** Permissions as they are written. */
export type PermissionsInput = z.input<typeof permissionsSchema>;
