import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Fifo } from '../../src/sandbox/fifo.js';

it('gives what a list would, whatever is taken out of it', () => {
  const act = fc.oneof(
    { weight: 3, arbitrary: fc.constant('push' as const) },
    { weight: 2, arbitrary: fc.constant('shift' as const) },
    { weight: 1, arbitrary: fc.nat(40) },
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
        else {
          const wanted = model[what];
          expect(fifo.take((one) => one === wanted)).toBe(wanted);
          if (wanted) model.splice(what, 1);
        }
        expect(fifo.length).toBe(model.length);
      }
      while (model.length > 0) expect(fifo.shift()).toBe(model.shift());
      expect(fifo.shift()).toBeUndefined();
    }),
  );
});
