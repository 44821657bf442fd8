// @ts-check
// Packages that are measured where they are: in this repository's node_modules, or in the folders of BENCH_PACKAGES and
// WASM_PACKAGES (each a node_modules).
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const places = ['BENCH_PACKAGES', 'WASM_PACKAGES'].flatMap((name) => process.env[name] ?? []);
const requires = [import.meta.url, ...places.map((folder) => join(dirname(folder), 'x.js'))].map(
  createRequire,
);

/** The path of a file of a package; undefined where it is not installed. @param {string} id */
export function find(id) {
  for (const require of requires) {
    try {
      return require.resolve(id);
    } catch {}
  }
  return undefined;
}

/** A package; undefined where it is not installed, or was built for another Node. @param {string} id @returns {any} */
export function load(id) {
  for (const require of requires) {
    try {
      return require(id);
    } catch {}
  }
  return undefined;
}
