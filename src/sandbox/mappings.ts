import { readFileSync } from 'node:fs';

/** For all that is no guest's: threads, V8's heaps and code, libraries. A host with five threads has about 600. */
const OTHERS = 5000;

/**
 * Mappings of memory that the guests of this process may take: Linux gives a process 65 530, and V8 ends it where it cannot
 * have one more. A memory takes two of them (measured on Node 24 and 26), a stack two (on Node 26, fewer on Node 24); memories
 * have two thirds of all, stacks the rest.
 */
const GUESTS = Math.max(0, mostMappings() - OTHERS);

/** Memories of guests that there are mappings for. */
export const MAPPED_MEMORIES = Math.floor(((2 / 3) * GUESTS) / 2);

/** The same for stacks. */
export const MAPPED_STACKS = Math.floor(((1 / 3) * GUESTS) / 2);

function mostMappings(): number {
  try {
    const most = Number(readFileSync('/proc/sys/vm/max_map_count', 'latin1'));
    return most > 0 ? most : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
