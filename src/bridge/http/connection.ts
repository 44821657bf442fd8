import type { LookupFunction, Socket } from 'node:net';
import { buildConnector, Client } from 'undici';
import { addressRefusal, checkedLookup, type LookupLane } from './checked-lookup.js';

/** The most bytes of response headers. */
export const MAX_RESPONSE_HEADER_BYTES = 16 * 1024;
/** How long an idle socket is kept, and at most where the server asks for longer. */
const KEEP_ALIVE_MS = 4_000;
const KEEP_ALIVE_MAX_MS = 30_000;

/** TLS settings of the host's connections. */
export interface TlsOptions {
  /** Authorities to trust in place of Node's own, in PEM. */
  readonly ca?: string | Uint8Array | undefined;
}

/** What a {@link Connection} is made from. */
export interface ConnectionOptions {
  /** Scheme, host and port of a URL. */
  readonly origin: string;
  /** Canonical host of `origin`. */
  readonly host: string;
  /** A grant names the host: see `EgressRule.literal`. */
  readonly literal: boolean;
  readonly lane: LookupLane;
  readonly lookup?: LookupFunction | undefined;
  readonly tls?: TlsOptions | undefined;
  /** The socket went away while nobody used it. */
  readonly onIdleEnd: () => void;
}

/**
 * One socket at most, through an undici client of its own. Every address it connects to was judged under `literal`, so
 * it may serve any request to its origin whose rule has the same `literal`.
 */
export class Connection {
  readonly client: Client;
  /** Served a request before: its socket may have died unnoticed. */
  used = false;
  #socket: Socket | undefined;
  #disposed = false;

  constructor(options: ConnectionOptions) {
    const { host, literal, lane, lookup, tls } = options;
    const connect = buildConnector({
      timeout: 0, // `httpTimeoutMs` is the only clock
      maxCachedSessions: 0,
      lookup: checkedLookup({ literal, lane, lookup, wanted: () => !this.#disposed }),
      ...(tls?.ca && { ca: tls.ca as string | Buffer }),
    });
    this.client = new Client(options.origin, {
      allowH2: false,
      pipelining: 1,
      maxHeaderSize: MAX_RESPONSE_HEADER_BYTES,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MAX_MS,
      connect: (target, callback) => {
        // It returns the socket, which its type hides; without it a connection attempt could not be cut short.
        const attempt: unknown = connect(target, (error, socket) => {
          if (error !== null) {
            callback(error, null);
            return;
          }
          const refused = addressRefusal(host, socket.remoteAddress ?? '', literal);
          if (refused === undefined) callback(null, socket);
          else {
            socket.destroy();
            callback(refused, null);
          }
        });
        this.#socket = attempt as Socket;
      },
    });
    this.client.on('disconnect', () => {
      if (!this.#disposed) options.onIdleEnd();
    });
  }

  /** Ends the socket at once, also one that is still connecting. Resolves when it is closed; never rejects. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    const socket = this.#socket;
    const closed =
      socket === undefined || socket.closed
        ? undefined
        : new Promise<void>((resolve) => {
            socket.once('close', () => resolve());
          });
    socket?.destroy(Object.assign(new Error('the connection was closed'), { code: 'ECANCELED' }));
    await this.client.destroy().catch(() => {});
    await closed;
  }
}
