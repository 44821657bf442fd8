import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Fifo } from '../../src/sandbox/fifo.js';

it('gives what a list would, whatever is taken out of it', () => {
  const act = fc.oneof(
    { weight: 3, arbitrary: fc.constant('push' as const) },
    { weight: 2, arbitrary: fc.constant('shift' as const) },
    { weight: 1, arbitrary: fc.record({ take: fc.nat(40) }) },
    { weight: 1, arbitrary: fc.record({ takeAt: fc.nat(40) }) },
    { weight: 1, arbitrary: fc.record({ insert: fc.nat(40) }) },
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 2000, size: 'max' }), (acts) => {
      const fifo = new Fifo<{ n: number }>();
      const model: { n: number }[] = [];
      for (const [n, what] of acts.entries()) {
        if (what === 'push') {
          const one = { n };
          fifo.push(one);
          model.push(one);
        } else if (what === 'shift') expect(fifo.shift()).toBe(model.shift());
        else if ('take' in what) {
          const wanted = model[what.take];
          expect(fifo.take((one) => one === wanted)).toBe(wanted);
          if (wanted) model.splice(what.take, 1);
        } else if ('takeAt' in what) {
          if (what.takeAt < model.length)
            expect(fifo.takeAt(what.takeAt)).toBe(model.splice(what.takeAt, 1)[0]);
        } else {
          const [one, at] = [{ n }, Math.min(what.insert, model.length)];
          fifo.insert(at, one);
          model.splice(at, 0, one);
          expect(fifo.at(at)).toBe(one);
        }
        expect(fifo.length).toBe(model.length);
        expect(fifo.first).toBe(model[0]);
        expect(fifo.at(model.length)).toBeUndefined();
      }
      while (model.length > 0) expect(fifo.shift()).toBe(model.shift());
      expect(fifo.shift()).toBeUndefined();
    }),
  );
});
