import { cordonError } from '../errors/cordon-error.js';
import { nearestName } from '../errors/nearest-name.js';
import { FEATURE_PROBES } from './feature-probes.js';
import type { ModuleSummary } from './summary.js';

/**
 * The WebAssembly proposals beyond the first version, by their names. Three are split where a limit depends on it:
 * `threads` is the atomic instructions and `shared-memory` the memories on which they can wait; `exception-handling` is
 * tags and `throw`, `legacy-exceptions` its first form (`try`), `exnref` its final form (`try_table`).
 */
export type FeatureName = keyof typeof FEATURE_PROBES;

export const FEATURE_NAMES: readonly FeatureName[] = Object.freeze(
  Object.keys(FEATURE_PROBES) as FeatureName[],
);

/**
 * Allowed whatever the allow-list says: instructions and signatures that every compiler emits by default and every
 * supported Node has; they add no resource and no state. An allow-list without them would refuse most real plugins.
 */
export const BASELINE_FEATURES: readonly FeatureName[] = Object.freeze([
  'mutable-globals',
  'sign-extension',
  'nontrapping-float-to-int',
  'multi-value',
]);

/** Not in the default allow-list although Node has them: see docs/reference/binary-pass.md. */
export const HAZARDOUS_FEATURES: readonly FeatureName[] = Object.freeze(['shared-memory', 'gc']);

/** Names that `target_features` and other tools use. */
const ALIASES: Readonly<Record<string, FeatureName>> = {
  'mutable-global': 'mutable-globals',
  'sign-ext': 'sign-extension',
  'sign-extension-ops': 'sign-extension',
  'nontrapping-fptoint': 'nontrapping-float-to-int',
  'nontrapping-float-to-int-conversions': 'nontrapping-float-to-int',
  multivalue: 'multi-value',
  'bulk-memory-operations': 'bulk-memory',
  'bulk-memory-opt': 'bulk-memory',
  'call-indirect-overlong': 'reference-types',
  simd128: 'simd',
  atomics: 'threads',
  multimemory: 'multi-memory',
  'typed-function-references': 'function-references',
};

/** The feature that `name` means, by its own name or one that tools use; `undefined` where nothing is known by it. */
export function featureByName(name: string): FeatureName | undefined {
  if (Object.hasOwn(FEATURE_PROBES, name)) return name as FeatureName;
  return Object.hasOwn(ALIASES, name) ? ALIASES[name] : undefined;
}

/**
 * @throws `ERR_FEATURE` when the module uses a feature that is neither in `allowed` nor in {@link BASELINE_FEATURES};
 * `details.features` lists all of them. @throws `ERR_OPTIONS` when `allowed` has a name that is no feature.
 */
export function checkFeatures(summary: Pick<ModuleSummary, 'features'>, allowed: Iterable<string>): void {
  const permitted = new Set<FeatureName>(BASELINE_FEATURES);
  for (const name of allowed) {
    const feature = featureByName(name);
    if (feature === undefined) {
      const nearest = nearestName(name, FEATURE_NAMES);
      throw cordonError(
        'ERR_OPTIONS',
        `\`validation.features\` has "${name}", which is no WebAssembly feature${nearest ? `; did you mean "${nearest}"?` : '.'}`,
        { details: { feature: name, known: FEATURE_NAMES } },
      );
    }
    permitted.add(feature);
  }
  const refused = [...summary.features].filter((feature) => !permitted.has(feature));
  if (refused.length === 0) return;
  const names = refused.join(', ');
  throw cordonError(
    'ERR_FEATURE',
    `The module uses the WebAssembly feature${refused.length > 1 ? 's' : ''} ${names}, which this host does not allow; build without, or add to \`validation.features\`.`,
    { details: { features: refused, allowed: [...permitted] } },
  );
}

let probed: readonly FeatureName[] | undefined;

/** What the running Node can compile, found by compiling a probe for each feature; once a process. */
export function supportedFeatures(): readonly FeatureName[] {
  probed ??= Object.freeze(
    FEATURE_NAMES.filter((name) => WebAssembly.validate(Uint8Array.from(FEATURE_PROBES[name]))),
  );
  return probed;
}

/** The default of `validation.features`: what the running Node supports without {@link HAZARDOUS_FEATURES}. */
export function defaultFeatures(): readonly FeatureName[] {
  return supportedFeatures().filter((name) => !HAZARDOUS_FEATURES.includes(name));
}
