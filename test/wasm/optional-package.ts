import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// Large packages are needed by few tests; they may be installed elsewhere, in the folder that WASM_PACKAGES names.
const places = [
  import.meta.url,
  ...(process.env.WASM_PACKAGES ? [join(process.env.WASM_PACKAGES, 'x.js')] : []),
];

/** The path of a file of a package, `undefined` where the package is not installed. */
function resolveOptional(specifier: string): string | undefined {
  for (const place of places) {
    try {
      return createRequire(place).resolve(specifier);
    } catch {
      // The next place may have it.
    }
  }
  return undefined;
}

/** The folder of a package, `undefined` where it is not installed. */
export function packageFolder(name: string): string | undefined {
  return places
    .flatMap((place) => createRequire(place).resolve.paths(name) ?? [])
    .map((folder) => join(folder, name))
    .find((folder) => existsSync(folder));
}

/** A package that tests can do without. */
export async function optionalPackage<T>(specifier: string): Promise<T | undefined> {
  const path = resolveOptional(specifier);
  return path === undefined ? undefined : ((await import(pathToFileURL(path).href)) as T);
}
