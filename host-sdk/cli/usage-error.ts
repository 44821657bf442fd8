/** The command line itself is wrong: the message goes to stderr, and the process ends with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
