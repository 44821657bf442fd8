/** The first byte of each value. */
export const TAG = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  /** 4 bytes, two's complement, least significant first, as all that follows. */
  int: 4,
  double: 5,
  /** 8 bytes, two's complement. */
  bigint: 6,
  /** Length in bytes, and UTF-8. */
  string: 7,
  /** Length, and the bytes. */
  bytes: 8,
  /** Count, and the values. */
  array: 9,
  /** Count, and for each its key (a string without tag) and its value. */
  object: 10,
  map: 11,
} as const;
