import type { z } from 'zod';
import type { manifestSchema } from './manifest-schema.js';

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** A plugin.json as it is written: sizes may be texts, what has a default may be left out. */
export type ManifestInput = DeepReadonly<z.input<typeof manifestSchema>>;
