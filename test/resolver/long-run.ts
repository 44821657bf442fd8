/**
 * How many universes a property is tried on, and from which seed: few and others each time, unless a long run is wanted.
 *
 *   RUNS=30000 SEED=1 npx vitest run test/resolver/search.property.test.ts test/resolver/explanation.property.test.ts
 */
export function longRun(usual: number): { numRuns: number; seed?: number } {
  const { RUNS, SEED } = process.env;
  return { numRuns: Number(RUNS ?? usual), ...(SEED !== undefined && { seed: Number(SEED) }) };
}
