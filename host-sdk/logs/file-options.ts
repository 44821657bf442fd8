import { z } from 'zod';
import { lineSchema } from '../../src/manifest/schema-parts.js';
import { sizeSchema } from '../../src/manifest/size.js';

const SIZE = 'a size from 1024 bytes, such as "10MiB"';
const COUNT = 'a whole number from 2 to 1000';

/** What files of logs have in common. */
export const fileOptions = {
  /** Folders on the way are made. */
  path: lineSchema('the path of a file', { max: 4096 }),
  /** A file that would grow beyond it is put aside. From 1024; default 10 MiB. */
  maxFileBytes: sizeSchema(SIZE)
    .refine((bytes) => bytes >= 1024 && bytes <= Number.MAX_SAFE_INTEGER, { error: SIZE })
    .default(10 * 1024 * 1024),
  /** Files that are kept, the one in use included. 2 to 1000; default 5. */
  maxFiles: z.int({ error: COUNT }).min(2, { error: COUNT }).max(1000, { error: COUNT }).default(5),
};
