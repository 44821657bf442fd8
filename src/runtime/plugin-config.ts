import { cordonError } from '../errors/cordon-error.js';
import type { Limits } from '../manifest/limits.js';
import type { Manifest } from '../manifest/manifest.js';
import { ownValue } from '../manifest/own-value.js';
import type { Runtime } from './runtime.js';

/**
 * What a plugin's `config_get` answers: the manifest's config under the application's.
 * @throws ERR_MANIFEST where it is larger than `limits.configBytes`
 */
export function pluginConfig(
  runtime: Runtime,
  manifest: Manifest,
  limits: Limits,
  instead?: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const config = instead ?? { ...manifest.config, ...ownConfig(runtime, manifest.name) };
  checkConfig(manifest, config, limits);
  return config;
}

function checkConfig(manifest: Manifest, config: Readonly<Record<string, string>>, limits: Limits): void {
  let bytes = 0;
  for (const [key, value] of Object.entries(config)) {
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (bytes <= limits.configBytes) return;
  throw cordonError(
    'ERR_MANIFEST',
    `The config of ${manifest.name}@${manifest.version} has ${bytes} bytes; limits.configBytes is ${limits.configBytes}.`,
    { details: { limit: limits.configBytes, observed: bytes } },
  );
}

/** What the application says, secrets as they are. */
function ownConfig(runtime: Runtime, name: string): Readonly<Record<string, string>> {
  const { config } = runtime.options;
  const plain = Object.entries(ownValue(config, name) ?? {}).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : value.secret,
  ]);
  return Object.fromEntries(plain) as Record<string, string>;
}
