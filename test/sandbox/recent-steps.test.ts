import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecentSteps } from '../../src/sandbox/recent-steps.js';

const LENGTH = 20;

describe('what was used in the last steps', () => {
  it('is the same whether few or many steps have something', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ passed: fc.nat(3), back: fc.nat(LENGTH - 1), used: fc.integer({ min: -5, max: 50 }) }),
          { maxLength: 80 },
        ),
        (uses) => {
          const steps = new RecentSteps(LENGTH);
          const model = new Map<number, number>();
          let now = 0;
          for (const { passed, back, used } of uses) {
            for (let i = 0; i < passed; i++) {
              now++;
              steps.drop(now - LENGTH);
              model.delete(now - LENGTH);
            }
            const step = now - back;
            steps.add(step, used);
            model.set(step, (model.get(step) ?? 0) + used);
            const from = now - LENGTH + 1 + (back % 3);
            const copied = new Float64Array(LENGTH);
            steps.copy(from, now + 1, copied);
            for (let at = from; at <= now; at++) expect(copied[at - from]).toBe(model.get(at) ?? 0);
            expect(steps.total).toBe([...model.values()].reduce((sum, one) => sum + one, 0));
          }
        },
      ),
    );
  });
});
