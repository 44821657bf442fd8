import { lineSchema, mapSchema, strictObject } from './schema-parts.js';

const GUEST_EXPECTED = 'an absolute guest path such as "/data", without ".." and "\\"';
const GUEST_PATH = /^\/(?!(?:.*\/)?\.{1,2}(?:\/|$))(?!.*\/\/)[^\u0000-\u001f\u007f\\]*$/;
const HOST_EXPECTED = 'a path on the host such as "./data"';
const MAP_EXPECTED = 'an object of guest paths and host paths, such as { "/data": "./data" }';

/** `/data/` and `/data` are one mount. */
const guestPathSchema = lineSchema(GUEST_EXPECTED, { max: 512, pattern: GUEST_PATH });

function withoutTrailingSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

const mountsSchema = mapSchema(guestPathSchema, lineSchema(HOST_EXPECTED, { max: 1024 }), MAP_EXPECTED, {
  max: 32,
});

/** Mounts to read and to write. One guest path means one host path. */
export const mountTableSchema = strictObject(
  {
    read: mountsSchema.meta({ description: 'Guest path → host path, read only.' }).optional(),
    write: mountsSchema.meta({ description: 'Guest path → host path, for reading and writing.' }).optional(),
  },
  'an object with "read" and "write"',
).transform((table, context) => {
  const known = new Map<string, string>();
  const result = { read: empty(), write: empty() };
  for (const kind of ['read', 'write'] as const) {
    for (const [path, hostPath] of Object.entries(table[kind] ?? {})) {
      const guestPath = withoutTrailingSlash(path);
      const other = known.get(guestPath);
      if (other !== undefined && (other !== hostPath || Object.hasOwn(result[kind], guestPath))) {
        context.addIssue({
          code: 'custom',
          path: [kind, path],
          message: 'one host path for each guest path',
        });
      }
      known.set(guestPath, hostPath);
      result[kind][guestPath] = hostPath;
    }
  }
  return result as {
    readonly read: Readonly<Record<string, string>>;
    readonly write: Readonly<Record<string, string>>;
  };
});

function empty(): Record<string, string> {
  return Object.create(null) as Record<string, string>;
}
