// A name server of our own, for names below hostile.test. To be imported before anything that looks up names.
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';

/** @type {Readonly<Record<string, readonly { address: string, family: number }[]>>} */
const NAMES = {
  'loopback.hostile.test': [{ address: '127.0.0.1', family: 4 }],
  'mixed.hostile.test': [
    { address: '127.0.0.1', family: 4 },
    { address: '93.184.215.14', family: 4 },
  ],
  'zero.hostile.test': [{ address: '0.0.0.0', family: 4 }],
  'private.hostile.test': [{ address: '10.255.255.1', family: 4 }],
};
const system = dns.lookup;

/** @param {string} hostname @param {any} options @param {any} [callback] */
function lookup(hostname, options, callback = options) {
  const known = NAMES[hostname];
  if (!known) return system(hostname, options, callback);
  setImmediate(() => {
    if (options?.all) callback(null, known);
    else callback(null, known[0]?.address, known[0]?.family);
  });
}
dns.lookup = /** @type {typeof dns.lookup} */ (lookup);
syncBuiltinESMExports();
