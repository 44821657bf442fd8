import { z } from 'zod';
import type { WasmItem } from './manifest.js';
import { pluginPathSchema } from './plugin-path.js';
import { lineSchema, listSchema, strictObject, withoutUndefined } from './schema-parts.js';

const WASM_EXPECTED =
  'a path such as "dist/plugin.wasm", an object { path or url, integrity }, or a list of such objects with "name"';
const NAME_EXPECTED = 'a module name such as "main", none of the host\'s own namespaces';
const URL_EXPECTED = 'an https URL (http only with "integrity"), without user and password';
const INTEGRITY_EXPECTED = '"sha256-" and 32 bytes in base64 (44 characters)';
const FILES = 64;

/** A linked module of such a name would stand in for the host. */
const HOST_NAMESPACE = /^(?:extism:|wasi[_:]|cordon:)/i;
/** 32 bytes in base64: the last character before `=` carries four bits, so two of its six are zero. */
const SHA256 = /^sha256-[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

const itemSchema = strictObject(
  {
    name: lineSchema(NAME_EXPECTED, { max: 128, pattern: /^(?!__proto__$)[!-~]+$/ })
      .refine((name) => !HOST_NAMESPACE.test(name), { error: NAME_EXPECTED })
      .meta({
        description:
          'The name that other modules link by; `main` is the one that is called. Needed in a list.',
      })
      .optional(),
    path: pluginPathSchema.meta({ description: 'A file, relative to the manifest.' }).optional(),
    url: lineSchema(URL_EXPECTED, { max: 2048, pattern: /^https?:\/\/[^\s/\\@]+(?:[/?#][^\s\\]*)?$/ })
      .refine(isPlainUrl, { error: URL_EXPECTED })
      .meta({ description: 'Where to fetch it, instead of `path`.' })
      .optional(),
    integrity: lineSchema(INTEGRITY_EXPECTED, { max: 128, pattern: SHA256 })
      .meta({ description: 'The digest that its bytes must have, as in Subresource Integrity: `sha256-…`.' })
      .optional(),
  },
  WASM_EXPECTED,
)
  .superRefine((item, context) => {
    if (item.path !== undefined && item.url !== undefined) {
      context.addIssue({ code: 'custom', path: ['url'], message: 'no "url" beside a "path"' });
    }
    if (item.url?.startsWith('http:') && item.integrity === undefined) {
      context.addIssue({ code: 'custom', path: ['url'], message: URL_EXPECTED });
    }
  })
  .meta({ id: 'module' });

type RawItem = z.output<typeof itemSchema>;

const singleSchema = itemSchema.transform((item, context): readonly WasmItem[] => {
  if (item.name !== undefined && item.name !== 'main') {
    context.addIssue({ code: 'custom', path: ['name'], message: '"main", or a list of modules' });
  }
  return [named(item, 'main')];
});

const manySchema = listSchema(itemSchema, 'a list of modules', { max: FILES }).transform(
  (items, context): readonly WasmItem[] => {
    const names = new Set<string>();
    for (const [index, { name }] of items.entries()) {
      if (name === undefined || names.has(name)) {
        const message = name === undefined ? NAME_EXPECTED : 'a name that no other module has';
        context.addIssue({ code: 'custom', path: [index, 'name'], message });
      }
      names.add(name ?? '');
    }
    if (items.length > 0 && !names.has('main') && !names.has('')) {
      context.addIssue({ code: 'custom', message: 'a list in which one module has the name "main"' });
    }
    return items.map((item) => named(item, ''));
  },
);

/** The module or modules of a plugin, always as a list. */
export const wasmSchema = z.union(
  [
    pluginPathSchema.transform((path): readonly WasmItem[] => [{ name: 'main', path }]),
    singleSchema,
    manySchema,
  ],
  { error: WASM_EXPECTED },
);

function named(item: RawItem, fallback: string): WasmItem {
  return withoutUndefined({ ...item, name: item.name ?? fallback });
}

function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}
