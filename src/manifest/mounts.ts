import { readTargetSchema, writeTargetSchema } from './mount-target.js';
import type { MountTarget, Permissions } from './permissions.js';
import { lineSchema, mapSchema, strictObject } from './schema-parts.js';

const GUEST_EXPECTED = 'an absolute guest path such as "/data", without ".." and "\\"';
const GUEST_PATH = /^\/(?!(?:.*\/)?\.{1,2}(?:\/|$))(?!.*\/\/)[^\u0000-\u001f\u007f\\]*$/;
const MAP_EXPECTED = 'an object of guest paths and host paths, such as { "/data": "./data" }';

/** `/data/` and `/data` are one mount. */
const guestPathSchema = lineSchema(GUEST_EXPECTED, { max: 512, pattern: GUEST_PATH });

function withoutTrailingSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

const readMountsSchema = mapSchema(guestPathSchema, readTargetSchema, MAP_EXPECTED, { max: 32 });
const writeMountsSchema = mapSchema(guestPathSchema, writeTargetSchema, MAP_EXPECTED, { max: 32 });

/** Mounts to read and to write. One guest path means one host path. */
export const mountTableSchema = strictObject(
  {
    read: readMountsSchema.meta({ description: 'Guest path → host path, read only.' }).optional(),
    write: writeMountsSchema
      .meta({ description: 'Guest path → host path, or more about it, for reading and writing.' })
      .optional(),
  },
  'an object with "read" and "write"',
).transform((table, context) => {
  const known = new Map<string, string | undefined>();
  const result: Table = { read: empty(), write: empty() };
  for (const kind of ['read', 'write'] as const) {
    for (const [path, target] of Object.entries(table[kind] ?? {})) {
      const guestPath = withoutTrailingSlash(path);
      const hostPath = pathOf(target);
      const isOther = known.has(guestPath) && known.get(guestPath) !== hostPath;
      if (isOther || Object.hasOwn(result[kind], guestPath)) {
        context.addIssue({
          code: 'custom',
          path: [kind, path],
          message: 'one host path for each guest path',
        });
      }
      known.set(guestPath, hostPath);
      (result[kind] as Record<string, MountTarget>)[guestPath] = target;
    }
  }
  return result as Permissions['fs'];
});

interface Table {
  readonly read: Record<string, string>;
  readonly write: Record<string, MountTarget>;
}

/** Undefined for memory. */
function pathOf(target: MountTarget): string | undefined {
  if (typeof target === 'string') return target;
  return 'path' in target ? target.path : undefined;
}

function empty<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}
