/** Where text ends if blanks at its end are left out. */
export function trimEnd(from: usize, to: usize): usize {
  while (to > from && (load<u8>(to - 1) == 32 || load<u8>(to - 1) == 9)) to--;
  return to;
}

/** Where text ends if blank lines at its end are left out. */
export function withoutBlankLines(from: usize, to: usize): usize {
  let end = to;
  let p = to;
  while (p > from && load<u8>(p - 1) <= 32) {
    p--;
    if (load<u8>(p) == 10) end = p + 1;
  }
  return p == from ? from : end;
}
