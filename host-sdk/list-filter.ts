import { z } from 'zod';
import { PLUGIN_STATES } from '../src/events/plugin-state.js';
import { parseOptions } from '../src/manifest/parse-options.js';
import { strictObject } from '../src/manifest/schema-parts.js';
import type { PluginUnit } from '../src/runtime/plugin-unit.js';

const listFilterSchema = strictObject(
  {
    /** Those that have it in their manifest. Default: all. */
    keyword: z.string({ error: 'a text' }).optional(),
    /** Those that are in it. Default: any. */
    state: z.enum(PLUGIN_STATES, { error: `a state: ${PLUGIN_STATES.join(', ')}` }).optional(),
  },
  'an object { keyword, state }',
).readonly();

/** Which plugins `host.list` is to give. */
export type ListFilter = z.input<typeof listFilterSchema>;

/** Those of the units that fit. @throws ERR_OPTIONS */
export function listed(units: Iterable<PluginUnit>, filter: ListFilter = {}): PluginUnit[] {
  const { keyword, state } = parseOptions(listFilterSchema, filter, 'The filter of list');
  return [...units]
    .filter(({ manifest }) => keyword === undefined || manifest.keywords.includes(keyword))
    .filter(({ lifecycle }) => state === undefined || lifecycle.state === state);
}
