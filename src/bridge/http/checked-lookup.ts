import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { AddressRange } from '../../policy/address-ranges.js';
import { checkAddress } from '../../policy/egress.js';

/** A name resolved to an address, or a socket was about to reach one, that the rule does not allow. */
export class AddressRefused extends Error {
  readonly address: string;
  readonly range: AddressRange;

  constructor(message: string, address: string, range: AddressRange) {
    super(message);
    this.address = address;
    this.range = range;
  }
}

/** The error for an address that may not be reached under a rule; `undefined` if it may. */
export function addressRefusal(host: string, address: string, literal: boolean): AddressRefused | undefined {
  const problem = checkAddress(host, address, { literal });
  return problem && new AddressRefused(problem.message, address, problem.range);
}

/**
 * Runs one task after the other. Name lookups wait in libuv's thread pool, two at a time for the whole process, and
 * cannot be cancelled: a plugin that asks a name server that never answers would soon hold both. Each plugin has a
 * lane, so it holds one at most.
 */
export class LookupLane {
  #tail: Promise<void> = Promise.resolve();

  /** `task` gets a function to call when it is done. */
  run(task: (done: () => void) => void): void {
    this.#tail = this.#tail.then(() => new Promise<void>(task));
  }
}

/** What {@link checkedLookup} needs to know. */
export interface CheckedLookupOptions {
  /** A grant names the host: see `EgressRule.literal`. */
  readonly literal: boolean;
  readonly lane: LookupLane;
  /** False once nobody waits for the answer; a queued lookup is then not started. */
  readonly wanted: () => boolean;
  /** Default `dns.lookup`. */
  readonly lookup?: LookupFunction | undefined;
}

/**
 * A `lookup` for `net.connect` that refuses a name if any of its addresses is not allowed. The socket connects to the
 * very addresses that were judged: there is no second lookup that could answer otherwise (DNS rebinding).
 */
export function checkedLookup(options: CheckedLookupOptions): LookupFunction {
  const { literal, lane, wanted, lookup = systemLookup as LookupFunction } = options;
  return (hostname, lookupOptions, callback) => {
    lane.run((done) => {
      if (!wanted()) {
        done();
        callback(Object.assign(new Error(`nobody waits for ${hostname}`), { code: 'ECANCELED' }), '', 0);
        return;
      }
      lookup(hostname, { ...lookupOptions, all: true }, (error, found, family) => {
        done();
        if (error) {
          callback(error, '', 0);
          return;
        }
        const addresses = asList(found, family);
        const first = addresses[0];
        const refused = addresses
          .map(({ address }) => addressRefusal(hostname, address, literal))
          .find((refusal) => refusal !== undefined);
        if (refused !== undefined) callback(refused, '', 0);
        else if (first === undefined) callback(notFound(hostname), '', 0);
        else if (lookupOptions.all) callback(null, addresses);
        else callback(null, first.address, first.family);
      });
    });
  };
}

/** A lookup may answer one address although it was asked for all. */
function asList(found: string | LookupAddress[], family?: number): LookupAddress[] {
  return typeof found === 'string' ? [{ address: found, family: family === 6 ? 6 : 4 }] : found;
}

function notFound(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' });
}
