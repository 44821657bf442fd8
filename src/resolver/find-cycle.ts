/** One thing needs another. */
export interface Edge<N> {
  readonly to: N;
}

/**
 * The first circle that a walk along the edges meets, as its edges in order with the node that each starts from;
 * `undefined` where there is none. Without recursion: a chain may be as long as a catalog is large.
 */
export function findCycle<N, E extends Edge<N>>(
  nodes: Iterable<N>,
  edgesOf: (node: N) => readonly E[],
): { readonly from: N; readonly edge: E }[] | undefined {
  const done = new Set<N>();
  const onPath = new Map<N, number>();
  for (const start of nodes) {
    if (done.has(start)) continue;
    const path: { from: N; edges: readonly E[]; next: number }[] = [];
    const enter = (node: N): void => {
      onPath.set(node, path.length);
      path.push({ from: node, edges: edgesOf(node), next: 0 });
    };
    enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const edge = top.edges[top.next++];
      if (edge === undefined) {
        done.add(top.from);
        onPath.delete(top.from);
        path.pop();
        continue;
      }
      const circle = onPath.get(edge.to);
      if (circle !== undefined) {
        return path.slice(circle).map(({ from, edges, next }) => ({ from, edge: edges[next - 1]! }));
      }
      if (!done.has(edge.to)) enter(edge.to);
    }
  }
  return undefined;
}
