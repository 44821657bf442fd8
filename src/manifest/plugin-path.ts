import { lineSchema } from './schema-parts.js';

const EXPECTED =
  'a path inside the plugin\'s folder such as "dist/plugin.wasm": relative, with "/" between, without ".." and ":"';
/** No root, no `..`, no backslash or colon (drives, streams, URLs), no control characters. */
const PATH = /^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))[^\u0000-\u001f\u007f\\:]*[^\u0000-\u001f\u007f\\:/]$/;

/** A file of the plugin, relative to its manifest; `.` and empty steps are dropped. */
export const pluginPathSchema = lineSchema(EXPECTED, { max: 512, pattern: PATH })
  .refine((path) => steps(path).length > 0, { error: EXPECTED })
  .transform((path) => steps(path).join('/'))
  .meta({ id: 'path' });

function steps(path: string): string[] {
  return path.split('/').filter((step) => step !== '' && step !== '.');
}
