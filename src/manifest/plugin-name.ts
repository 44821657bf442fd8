import { lineSchema } from './schema-parts.js';

const NAME = /^(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/;
/** Names that npm keeps for itself. */
const RESERVED: ReadonlySet<string> = new Set(['node_modules', 'favicon.ico']);
const EXPECTED = 'a plugin name by npm\'s rules, such as "markdown" or "@acme/markdown"';

/** Whether `name` may be a plugin's: npm's rules for new packages, except that names of Node's own modules may be used. */
export function isPluginName(name: string): boolean {
  return name.length <= 214 && NAME.test(name) && !RESERVED.has(name);
}

export const pluginNameSchema = lineSchema(EXPECTED, { max: 214, pattern: NAME })
  .refine(isPluginName, {
    error: EXPECTED,
  })
  .meta({ id: 'name' });
