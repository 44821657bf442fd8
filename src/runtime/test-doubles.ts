import type { Transport } from '../bridge/http/transport.js';
import type { FixedWasi } from '../sandbox/wasi/fixed.js';

/**
 * What stands in for the world outside of a host, in tests of plugins. No option of a host sets it; `cordon/testing` does.
 */
export interface TestDoubles {
  readonly transport: Transport;
  /** In place of the process's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Random bytes and clocks. */
  readonly wasi: FixedWasi;
  /** Given what the host alone knows, before anything is loaded. */
  readonly onProbe: (probe: HostProbe) => void;
}

/** Figures of a host that its statistics do not have. */
export interface HostProbe {
  /** Files and folders that guests have open. */
  openFiles(): number;
}
