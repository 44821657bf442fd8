import semver from 'semver';
import type { Generated } from './generated.js';

/** What a solver without learning comes to, and after how many decisions; no set where it gave up. */
export interface NaiveOutcome {
  readonly set: ReadonlyMap<string, string> | undefined;
  readonly decisions: number;
}

/**
 * Tries the newest version of what is needed next and goes back one step when nothing fits: how a resolver is written at
 * first. For comparison only.
 */
export function solveNaively({ plugins, specs }: Generated, maxDecisions: number): NaiveOutcome {
  const chosen = new Map<string, string>();
  const ranges = new Map<string, string[]>();
  let decisions = 0;
  class GaveUp extends Error {}

  const fits = (name: string, version: string): boolean =>
    (ranges.get(name) ?? []).every((range) => semver.satisfies(version, range));
  const need = (name: string, range: string): void => {
    const list = ranges.get(name) ?? [];
    ranges.set(name, list);
    list.push(range);
  };

  const settle = (agenda: readonly string[]): boolean => {
    const [name, ...rest] = agenda.filter((one) => !chosen.has(one));
    if (name === undefined) return true;
    const candidates = [...(plugins.get(name) ?? [])].sort((a, b) =>
      semver.rcompare(a.manifest.version, b.manifest.version),
    );
    for (const { manifest } of candidates) {
      if (!fits(name, manifest.version)) continue;
      if (++decisions > maxDecisions) throw new GaveUp();
      const needs = Object.entries(manifest.dependencies);
      const isFine = needs.every(
        ([other, range]) => !chosen.has(other) || semver.satisfies(chosen.get(other)!, range),
      );
      if (!isFine) continue;
      chosen.set(name, manifest.version);
      for (const [other, range] of needs) need(other, range);
      if (settle([...rest, ...needs.map(([other]) => other)])) return true;
      for (const [other] of needs) ranges.get(other)!.pop();
      chosen.delete(name);
    }
    return false;
  };

  try {
    return { set: settle(specs) ? chosen : undefined, decisions };
  } catch (error) {
    if (error instanceof GaveUp || error instanceof RangeError) return { set: undefined, decisions };
    throw error;
  }
}
