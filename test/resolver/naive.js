// @ts-check
import semver from 'semver';

/**
 * What a solver without learning comes to, and after how many decisions; no set where it gave up or where it tried
 * everything.
 * @typedef {object} NaiveOutcome
 * @property {ReadonlyMap<string, string> | undefined} set
 * @property {number} decisions
 * @property {boolean} gaveUp
 */

class GaveUp extends Error {}

/**
 * Tries the newest version of what is needed next and goes back one step when nothing fits: how a resolver is written at
 * first. For comparison only.
 * @param {import('./generated.js').Generated} universe
 * @param {number} maxDecisions
 * @returns {NaiveOutcome}
 */
export function solveNaively({ plugins, specs }, maxDecisions) {
  /** @type {Map<string, string>} */
  const chosen = new Map();
  /** @type {Map<string, string[]>} */
  const ranges = new Map();
  let decisions = 0;

  /** @param {string} name @param {string} version */
  const fits = (name, version) => (ranges.get(name) ?? []).every((range) => semver.satisfies(version, range));
  /** @param {string} name @param {string} range */
  const need = (name, range) => {
    const list = ranges.get(name) ?? [];
    ranges.set(name, list);
    list.push(range);
  };

  /** @param {readonly string[]} agenda @returns {boolean} */
  const settle = (agenda) => {
    const [name, ...rest] = agenda.filter((one) => !chosen.has(one));
    if (name === undefined) return true;
    const candidates = [...(plugins.get(name) ?? [])].sort((a, b) =>
      semver.rcompare(a.manifest.version, b.manifest.version),
    );
    for (const { manifest } of candidates) {
      if (!fits(name, manifest.version)) continue;
      if (++decisions > maxDecisions) throw new GaveUp();
      const needs = Object.entries(manifest.dependencies);
      const isFine = needs.every(([other, range]) => {
        const version = chosen.get(other);
        return version === undefined || semver.satisfies(version, range);
      });
      if (!isFine) continue;
      chosen.set(name, manifest.version);
      for (const [other, range] of needs) need(other, range);
      if (settle([...rest, ...needs.map(([other]) => other)])) return true;
      for (const [other] of needs) ranges.get(other)?.pop();
      chosen.delete(name);
    }
    return false;
  };

  try {
    return { set: settle(specs) ? chosen : undefined, decisions, gaveUp: false };
  } catch (error) {
    if (error instanceof GaveUp || error instanceof RangeError) {
      return { set: undefined, decisions, gaveUp: true };
    }
    throw error;
  }
}
