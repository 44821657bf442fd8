import type { ByteWriter } from './byte-writer.js';
import { I32, type Injection } from './injection.js';
import { OUT_OF_FUEL } from './reserved-names.js';
import { CODE } from './word-code.js';

/**
 * The counter and the way out when it is below zero. Fuel is added, never set, so the total is the same whatever the
 * host grants at a time; and the guest is stopped by a trap in its own code, because a `catch_all` would swallow an
 * exception that a JavaScript import throws.
 */
export class Metering {
  readonly fuelGlobal: number;
  /** The function that asks the host until the counter is not negative, or traps. */
  readonly refill: number;

  constructor(injection: Injection) {
    const { fuelGlobal } = injection;
    this.fuelGlobal = fuelGlobal;
    this.refill = injection.function('cordon:refill', injection.type([], []), (w) => {
      w.code(1, 1, I32);
      w.code(CODE.loop, CODE.empty);
      w.u8(CODE.call);
      w.u32(injection.hook(OUT_OF_FUEL));
      w.code(CODE.localTee, 0, CODE.i32Const, 0, CODE.i32LeS);
      w.code(CODE.if, CODE.empty, CODE.unreachable, CODE.end);
      w.u8(CODE.globalGet);
      w.u32(fuelGlobal);
      w.code(CODE.localGet, 0, CODE.i32Add, CODE.globalSet);
      w.u32(fuelGlobal);
      w.u8(CODE.globalGet);
      w.u32(fuelGlobal);
      w.code(CODE.i32Const, 0, CODE.i32LtS, CODE.brIf, 0);
      w.code(CODE.end, CODE.end);
    });
  }

  /** Writes the charge of an i32 that `units` pushes, and the check. */
  charge(w: ByteWriter, units: () => void): void {
    w.u8(CODE.globalGet);
    w.u32(this.fuelGlobal);
    units();
    w.code(CODE.i32Sub, CODE.globalSet);
    w.u32(this.fuelGlobal);
    w.u8(CODE.globalGet);
    w.u32(this.fuelGlobal);
    w.code(CODE.i32Const, 0, CODE.i32LtS, CODE.if, CODE.empty, CODE.call);
    w.u32(this.refill);
    w.u8(CODE.end);
  }
}
