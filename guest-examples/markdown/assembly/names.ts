import { Bytes } from "./bytes";
import { Ints } from "./ints";

// Records in `nodes`: the byte in which two groups of names first differ, the bit in it, the group without the bit,
// the group with it. A group is the index of a record, or, with all bits flipped, of a name in `leaves`.
const NODE = 4;
// Records in `leaves`: where the name is in `text`, its length, its value.
const LEAF = 3;

/**
 * A map from names to numbers, as a crit-bit tree (D. J. Bernstein): a look-up costs the length of the name, whatever
 * the others are. A hash table would do for friendly documents; here the author of a document could choose headings
 * that all fall into one slot. Names have no NUL.
 */
export class Names {
  private text: Bytes = new Bytes();
  private nodes: Ints = new Ints();
  private leaves: Ints = new Ints();
  private root: i32 = 0;

  /** The value of a name; -1 if it has none. */
  get(from: usize, to: usize): i32 {
    const leaf = this.leafOf(from, to);
    return leaf < 0 ? -1 : this.leaves.get(leaf * LEAF + 2);
  }

  put(from: usize, to: usize, value: i32): void {
    const known = this.leafOf(from, to);
    if (known >= 0) {
      this.leaves.set(known * LEAF + 2, value);
      return;
    }
    const leaf = this.leaves.length / LEAF;
    const offset = this.text.length;
    this.text.append(from, to);
    this.leaves.push(offset);
    this.leaves.push(<i32>(to - from));
    this.leaves.push(value);
    if (!leaf) {
      this.root = ~leaf;
      return;
    }
    const other = this.nearest(from, to);
    let byte = 0;
    while (this.byteOf(leaf, byte) == this.byteOf(other, byte)) byte++;
    const differs = this.byteOf(leaf, byte) ^ this.byteOf(other, byte);
    const bit = 31 - clz(differs);

    // The place for the new record: before the first one that looks at a later byte or a lower bit.
    let parent = -1;
    let side = 0;
    let group = this.root;
    while (group >= 0) {
      const at = this.nodes.get(group * NODE);
      const its = this.nodes.get(group * NODE + 1);
      if (at > byte || (at == byte && its < bit)) break;
      parent = group;
      side = this.byteOf(leaf, at) >> its & 1;
      group = this.nodes.get(group * NODE + 2 + side);
    }
    const node = this.nodes.length / NODE;
    const mine = this.byteOf(leaf, byte) >> bit & 1;
    this.nodes.push(byte);
    this.nodes.push(bit);
    this.nodes.push(mine ? group : ~leaf);
    this.nodes.push(mine ? ~leaf : group);
    if (parent < 0) this.root = node;
    else this.nodes.set(parent * NODE + 2 + side, node);
  }

  private leafOf(from: usize, to: usize): i32 {
    if (!this.leaves.length) return -1;
    const leaf = this.nearest(from, to);
    const size = this.leaves.get(leaf * LEAF + 1);
    if (size != <i32>(to - from)) return -1;
    return memory.compare(this.text.at + this.leaves.get(leaf * LEAF), from, size) == 0 ? leaf : -1;
  }

  /** The name that a look-up ends at: the only one that can be equal. */
  private nearest(from: usize, to: usize): i32 {
    const size = <i32>(to - from);
    let group = this.root;
    while (group >= 0) {
      const at = this.nodes.get(group * NODE);
      const byte: i32 = at < size ? load<u8>(from + at) : 0;
      group = this.nodes.get(group * NODE + 2 + (byte >> this.nodes.get(group * NODE + 1) & 1));
    }
    return ~group;
  }

  /** A byte of a name; 0 past its end, so that a name differs from a longer one that begins with it. */
  private byteOf(leaf: i32, at: i32): i32 {
    if (at >= this.leaves.get(leaf * LEAF + 1)) return 0;
    return load<u8>(this.text.at + this.leaves.get(leaf * LEAF) + at);
  }
}
