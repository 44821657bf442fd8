/**
 * One thing that stands in the way and that somebody could change. The search can be run as if some of them were not
 * there, to find out which change would help.
 */
export type Constraint =
  | { readonly kind: 'spec'; readonly name: string }
  | { readonly kind: 'loaded'; readonly name: string }
  | { readonly kind: 'dependency'; readonly owner: string; readonly name: string }
  | { readonly kind: 'missing'; readonly name: string }
  | { readonly kind: 'engine'; readonly engine: string }
  | { readonly kind: 'refused'; readonly name: string; readonly rule: string }
  | { readonly kind: 'conflict'; readonly owner: string; readonly name: string }
  | { readonly kind: 'cycle' };

/** Whether to search as if a constraint were not there. */
export type Relax = (constraint: Constraint) => boolean;

/** Takes everything as it is. */
export const relaxNothing: Relax = () => false;
