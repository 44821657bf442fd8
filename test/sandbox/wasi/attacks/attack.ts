import type { ErrnoName } from '../../../../src/sandbox/wasi/errno.js';
import { ALL_RIGHTS, type JsGuest, OFLAG } from '../js-guest.js';

/** Descriptor 3 is a read mount, 4 a write mount and 5 a scratch mount; see hostile-files.test.ts for what is in them. */
export interface Attack {
  readonly name: string;
  readonly run: (guest: JsGuest) => ErrnoName;
  readonly errno: ErrnoName;
  /** The reason of the violation; undefined where the answer is no more than an error. */
  readonly reason: string | undefined;
}

export function attack(name: string, run: Attack['run'], errno: ErrnoName, reason?: string): Attack {
  return { name, run, errno, reason };
}

export const ALL = { rights: ALL_RIGHTS };
export const CREATE = { oflags: OFLAG.create, rights: ALL_RIGHTS };
