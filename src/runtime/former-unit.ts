import type { PluginUnit } from './plugin-unit.js';

/** What handles of a plugin that is gone still show. It holds neither its module's bytes, nor its instances or vars. */
export type FormerUnit = Pick<
  PluginUnit,
  'name' | 'version' | 'manifest' | 'lifecycle' | 'stats' | 'exports' | 'limits'
>;

export function formerUnit(unit: FormerUnit): FormerUnit {
  const { name, version, manifest, lifecycle, stats, exports, limits } = unit;
  return { name, version, manifest, lifecycle, stats, exports, limits };
}
