// @ts-check

/**
 * One version of one plugin. Plain JavaScript, as all that makes universes to measure with: a benchmark in a fresh process
 * cannot have a compiler before it.
 * @param {string} name
 * @param {string} version
 * @param {import('./universe.js').VersionInput} [input]
 * @returns {import('../../src/resolver/candidate.js').Candidate}
 */
export function candidate(name, version, input = {}) {
  const { yanked, ...manifest } = input;
  return {
    manifest: {
      engines: {},
      dependencies: {},
      optionalDependencies: {},
      conflicts: {},
      provides: {},
      priority: 0,
      ...manifest,
      name,
      version,
    },
    origin: `memory ${name}@${version}`,
    source: 'memory',
    ...(yanked !== undefined && { yanked }),
  };
}
