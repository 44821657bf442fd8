let kept: (value: never) => void;

/** One for all: a function for each promise would be more than the promise. */
function keep(resolve: (value: never) => void): void {
  kept = resolve;
}

/** A promise, and what resolves it. */
export function whenResolved<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  const promise = new Promise<T>(keep);
  return { promise, resolve: kept as (value: T) => void };
}
