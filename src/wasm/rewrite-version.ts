/**
 * Counts up with every change of what {@link rewriteModule} makes of the same bytes and options. What was kept of an older
 * version is then made anew.
 */
export const REWRITE_VERSION = 1;
