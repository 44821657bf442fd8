/** What happens at a place of a function body. */
export const EDIT = {
  /** Charge `value` units before what follows; `flag` is one of {@link CHECK}. */
  charge: 0,
  /** Replace the index that stands here by `value`. */
  index: 1,
  /** The counter must be in the global from here: control may leave the function. */
  spill: 2,
  /** The counter may have changed in the global. */
  reload: 3,
  /** Call function `value`, which takes the last operand and gives it back. */
  guard: 4,
  /** A loop begins whose header ends at `value`: one more loop around it, at whose head the counter is filled up. */
  wrap: 5,
  /** That loop ends. */
  close: 6,
} as const;

/** Whether, and how, the counter is looked at where it is charged. */
export const CHECK = {
  none: 0,
  /** After the charge; the host is asked on the spot. */
  here: 1,
  /** Before the charge; a branch to the loop around this one, where the host is asked. */
  around: 2,
} as const;

/**
 * The changes to one body in the order of their places, as columns, so that the list is used again for the next body
 * without garbage.
 */
export class EditList {
  length = 0;
  readonly at: number[] = [];
  /** Where the replaced bytes end. */
  readonly end: number[] = [];
  readonly kind: number[] = [];
  readonly value: number[] = [];
  readonly flag: number[] = [];

  clear(): void {
    this.length = 0;
  }

  add(kind: number, at: number, end: number, value: number, flag: number): number {
    const place = this.length++;
    this.at[place] = at;
    this.end[place] = end;
    this.kind[place] = kind;
    this.value[place] = value;
    this.flag[place] = flag;
    return place;
  }
}
