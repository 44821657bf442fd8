import { Block, Kind } from "./block";

/** A list is loose if a blank line is between two of its items, or between two blocks of one of them. */
export function isTight(list: Block): bool {
  let item = list.first;
  while (item !== null) {
    const isLast = item.next === null;
    if (!isLast && endsBlank(item)) return false;
    let block = item.first;
    while (block !== null) {
      if (!(isLast && block.next === null) && endsBlank(block)) return false;
      block = block.next;
    }
    item = item.next;
  }
  return true;
}

function endsBlank(block: Block): bool {
  let it: Block | null = block;
  while (it !== null) {
    if (it.endsBlank) return true;
    it = it.kind == Kind.List || it.kind == Kind.Item ? it.last : null;
  }
  return false;
}
