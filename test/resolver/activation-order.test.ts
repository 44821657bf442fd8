import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Activated, activationOrder } from '../../src/resolver/activation-order.js';
import { findCycle } from '../../src/resolver/find-cycle.js';

const graph = fc
  .array(fc.tuple(fc.integer({ min: -1, max: 1 }), fc.array(fc.nat(30), { maxLength: 4 })), { maxLength: 25 })
  .map((nodes) =>
    nodes.map(
      ([priority, after], i): Activated => ({
        name: `p${String(i).padStart(2, '0')}`,
        priority,
        after: after.filter((j) => j < i).map((j) => `p${String(j).padStart(2, '0')}`),
      }),
    ),
  );

test('every plugin comes once, and after those that it depends on', () => {
  fc.assert(
    fc.property(graph, (plugins) => {
      const order = activationOrder(plugins).map(({ name }) => name);
      expect([...order].sort()).toEqual(plugins.map(({ name }) => name));
      for (const { name, after } of plugins) {
        for (const before of after) expect(order.indexOf(before)).toBeLessThan(order.indexOf(name));
      }
    }),
  );
});

test('of those that could come next, the one with the higher priority, then the lower name comes', () => {
  fc.assert(
    fc.property(graph, (plugins) => {
      const done = new Set<string>();
      for (const next of activationOrder(plugins)) {
        const [best] = plugins
          .filter(({ name, after }) => !done.has(name) && after.every((before) => done.has(before)))
          .sort((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1));
        expect(next.name).toBe(best!.name);
        done.add(next.name);
      }
    }),
  );
});

test('the order does not depend on that of the input', () => {
  fc.assert(
    fc.property(
      graph.chain((plugins) =>
        fc.tuple(fc.constant(plugins), fc.shuffledSubarray(plugins, { minLength: plugins.length })),
      ),
      ([plugins, shuffled]) => {
        expect(activationOrder(shuffled)).toEqual(activationOrder(plugins));
      },
    ),
  );
});

test('a circle is found exactly where there is one, and is one', () => {
  const edges = fc.array(fc.array(fc.nat(7), { maxLength: 3 }), { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(edges, (targets) => {
      const circle = findCycle([0, 1, 2, 3, 4, 5, 6, 7], (node) => targets[node]!.map((to) => ({ to })));
      const reach = targets.map((own) => new Set(own));
      for (let round = 0; round < 8; round++) {
        for (const own of reach) for (const to of [...own]) for (const next of reach[to]!) own.add(next);
      }
      expect(circle !== undefined).toBe(reach.some((own, node) => own.has(node)));
      circle?.forEach(({ from, edge }, i) => {
        expect(targets[from]).toContain(edge.to);
        expect(edge.to).toBe(circle[(i + 1) % circle.length]!.from);
      });
    }),
  );
});

test('a chain of 100 000 is no problem', () => {
  const nodes = Array.from({ length: 100_000 }, (_, i) => i);
  expect(findCycle(nodes, (node) => (node + 1 < nodes.length ? [{ to: node + 1 }] : []))).toBeUndefined();
});
