/** What was thrown, in words. Anything can be thrown, also what cannot be made a text of. */
export function thrownText(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return `${typeof thrown} that says nothing`;
  }
}
