import type { PluginState } from '../src/events/plugin-state.js';
import type { OutputMaker } from '../src/runtime/call-plugin.js';
import type { FormerUnit } from '../src/runtime/former-unit.js';
import type { CallOptions, ReloadOptions, UnloadOptions } from './call-options.js';

/** What plugin handles need of their host. */
export interface HostControl {
  /** The unit that serves now, or the last one that did. */
  unit(name: string): FormerUnit;
  /** Its state; `failed` where it was left out of a load. */
  state(name: string): PluginState;
  /** Rejects, and never throws; resolves to what `output` makes of the bytes. */
  call<T>(
    name: string,
    fn: string,
    input: unknown,
    options: CallOptions | undefined,
    output: OutputMaker<T>,
  ): Promise<T>;
  unload(name: string, options?: UnloadOptions): Promise<void>;
  reload(name: string, options?: ReloadOptions): Promise<unknown>;
}
