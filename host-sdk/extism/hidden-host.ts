import { Catalog } from '../../src/catalog/catalog.js';
import { SafeEmitter } from '../../src/events/safe-emitter.js';
import type { Logger } from '../../src/log/logger.js';
import { closeHost } from '../../src/runtime/close-host.js';
import { HostRuntime } from '../../src/runtime/host-runtime.js';
import type { HostEvents } from '../events.js';
import { parseHostOptions } from '../options.js';

const NONE = Number.POSITIVE_INFINITY;

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => SILENT };

/** One host for all plugins of this entry point, so that they share threads and compiled modules. */
interface HiddenHost {
  readonly runtime: HostRuntime;
  users: number;
}

let current: HiddenHost | undefined;
let plugins = 0;

/** A place in the host; it is closed when the last one is given back. */
export interface HostPlace {
  readonly runtime: HostRuntime;
  /** A name that no other plugin has had. */
  readonly name: string;
  release(): Promise<void>;
}

export function takePlace(): HostPlace {
  current ??= { runtime: openRuntime(), users: 0 };
  const host = current;
  host.users++;
  let isReleased = false;
  return {
    runtime: host.runtime,
    name: `plugin-${++plugins}`,
    async release() {
      if (isReleased) return;
      isReleased = true;
      if (--host.users > 0) return;
      if (current === host) current = undefined;
      await closeHost(host.runtime, 0);
    },
  };
}

/** The SDK knows no budgets and no quarantine: what bounds a plugin is in its own limits. */
function openRuntime(): HostRuntime {
  const options = parseHostOptions({
    logger: SILENT,
    threads: { min: 0 },
    budget: {
      memoryBytes: NONE,
      concurrentCalls: NONE,
      queuedCalls: NONE,
      instances: NONE,
      cpuPercent: NONE,
      connections: 1024,
      openFiles: NONE,
    },
    quarantine: { maxViolations: NONE },
    idle: { unloadAfterMs: NONE },
  });
  return new HostRuntime(options, new Catalog([]), new SafeEmitter<HostEvents>(() => {}));
}
