import type { PluginCandidate } from '../catalog/catalog-source.js';
import type { Embedding } from './embedding.js';
import type { Lock } from './lock.js';
import type { PluginUnit } from './plugin-unit.js';

/** What resolution decided for one plugin. */
export interface LoadRequest {
  readonly candidate: PluginCandidate;
  /** Names that it depends on → names of the plugins that serve them. */
  readonly links: Readonly<Record<string, string>>;
  /** What its modules and its permissions are held against. */
  readonly lock: Lock | undefined;
  /** The last step before it serves; where it fails, so does the load. */
  readonly beforeServing?: ((unit: PluginUnit) => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** One that cannot be started stays, `failed`, and one that cannot be loaded is `failed` and not there. */
  readonly isSkippable?: boolean;
  /** The unit that serves until this one is ready, and whose vars it takes over. */
  readonly replaces?: PluginUnit | undefined;
  /** What goes for this plugin in place of the host's options. */
  readonly embedding?: Embedding | undefined;
}
