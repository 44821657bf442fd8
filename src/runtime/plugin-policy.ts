import { ownValue } from '../manifest/own-value.js';
import type { RuntimeOptions } from './runtime-options.js';

/** What an application says of a plugin beside what it may do. */
export interface PluginPolicy {
  /** `skip`: the application does without it where it cannot be loaded or started; `fail`: what needs it fails. */
  readonly failurePolicy: 'fail' | 'skip';
  /** Its instances are not given up while nobody calls it. */
  readonly pinned: boolean;
}

const DEFAULT: PluginPolicy = { failurePolicy: 'fail', pinned: false };

/** What is said of the plugin, else of `'*'`, else the default; each key by itself. */
export function policyOf({ plugins }: Pick<RuntimeOptions, 'plugins'>, name: string): PluginPolicy {
  const own = ownValue(plugins, name);
  const all = ownValue(plugins, '*');
  return {
    failurePolicy: own?.failurePolicy ?? all?.failurePolicy ?? DEFAULT.failurePolicy,
    pinned: own?.pinned ?? all?.pinned ?? DEFAULT.pinned,
  };
}
