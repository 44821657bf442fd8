import { Fault } from './fault.js';
import type { FileStat, NewTimes, OpenFile } from './file-tree.js';
import { type ScratchFileNode, type ScratchNodes, scratchStat } from './scratch-nodes.js';

/** How much more than needed is allocated when a file grows, so that small appends do not copy it each time. */
const GROWTH = 1.5;

/** One open file of an in-memory mount. Its memory is at most one and a half times its size. */
export class ScratchFile implements OpenFile {
  readonly #node: ScratchFileNode;
  readonly #nodes: ScratchNodes;

  constructor(node: ScratchFileNode, nodes: ScratchNodes) {
    this.#node = node;
    this.#nodes = nodes;
  }

  stat(): FileStat {
    return scratchStat(this.#node);
  }

  read(into: Uint8Array, position: number): number {
    const { bytes, size } = this.#node;
    const found = bytes.subarray(Math.min(position, size), Math.min(position + into.byteLength, size));
    into.set(found);
    return found.byteLength;
  }

  write(from: Uint8Array, position: number): number {
    const end = position + from.byteLength;
    if (end > this.#node.size) this.resize(end);
    this.#node.bytes.set(from, position);
    this.#nodes.touch(this.#node);
    return from.byteLength;
  }

  resize(size: number): void {
    const node = this.#node;
    if (size > node.bytes.byteLength) {
      const larger = allocate(Math.max(size, node.size * GROWTH));
      larger.set(node.bytes.subarray(0, node.size));
      node.bytes = larger;
    } else if (size < node.bytes.byteLength / GROWTH) {
      node.bytes = node.bytes.slice(0, size);
    } else if (size < node.size) {
      // What is cut off reads as zeros should the file grow again.
      node.bytes.fill(0, size, node.size);
    }
    node.size = size;
    this.#nodes.touch(node);
  }

  setTimes(times: NewTimes): void {
    this.#node.accessed = times.accessed ?? this.#node.accessed;
    this.#node.modified = times.modified ?? this.#node.modified;
    this.#node.changed = this.#nodes.now();
  }

  sync(): void {}

  close(): void {}
}

function allocate(size: number): Uint8Array {
  try {
    return new Uint8Array(Math.ceil(size));
  } catch {
    throw new Fault('NOMEM');
  }
}
