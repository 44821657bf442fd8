/** Timers that the built package made and that neither fired nor were cleared, with where they were made. */
const live = new Map<unknown, string>();
let watching = false;

/** Where Cordon makes its timers, unref'd ones too; `process.getActiveResourcesInfo` knows neither. */
export function watchTimers(): void {
  if (watching) return;
  watching = true;
  const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
  // Stacks are mapped back to the sources where there are source maps.
  const ours = /\/(dist\/)?(src|host-sdk)\/[^)]*\.[jt]s/;
  const origin = (): string | undefined =>
    new Error().stack?.split('\n').find((line) => ours.test(line) && !line.includes('node_modules'));
  const note = <T>(timer: T): T => {
    const from = origin();
    if (from !== undefined) live.set(timer, from.trim());
    return timer;
  };
  globalThis.setTimeout = ((work: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
    const timer = setTimeout(() => {
      live.delete(timer);
      work(...args);
    }, ms);
    return note(timer);
  }) as typeof setTimeout;
  globalThis.setInterval = ((...args: Parameters<typeof setInterval>) =>
    note(setInterval(...args))) as typeof setInterval;
  globalThis.clearTimeout = (timer) => {
    live.delete(timer);
    clearTimeout(timer);
  };
  globalThis.clearInterval = (timer) => {
    live.delete(timer);
    clearInterval(timer);
  };
}

export function liveTimers(): string[] {
  return [...live.values()];
}
