import type { HeaderMap } from './request-headers.js';
import type { HopResult } from './send-hop.js';

/** One hop that was allowed, as it would go out. */
export interface TransportRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: HeaderMap;
  readonly body: Uint8Array | undefined;
  readonly callId: string | undefined;
}

/**
 * Stands between a plugin and its sockets, in tests of plugins: answers by itself, or by `send`. What is asked here has been
 * judged already, its answer is still held to the plugin's limits. A rejection that is no CordonError is a network failure.
 */
export type Transport = (request: TransportRequest, send: () => Promise<HopResult>) => Promise<HopResult>;
