import type { BodyPlan } from './body-plan.js';
import type { ByteWriter } from './byte-writer.js';
import { CHECK, EDIT } from './edit-list.js';
import type { BodyHeader } from './function-body.js';
import { I32 } from './injection.js';
import type { Metering } from './metering.js';
import { CODE } from './word-code.js';

/** Where the counter lives while a function runs. */
type Shape = 'global' | 'local';

/**
 * A local is quicker to charge than the global, and must be stored and loaded again around every call. It pays where
 * charges outweigh calls two to one; and it would be stale where an exception is caught.
 */
function chooseShape(plan: BodyPlan): Shape {
  if (plan.catches) return 'global';
  return plan.charges >= 2 * plan.calls && (plan.loops > 0 || plan.charges > 2) ? 'local' : 'global';
}

/** Writes one function body with the changes of `plan`; `scratch` is the index of the first free local. */
export function writeBody(
  w: ByteWriter,
  bytes: Uint8Array,
  header: BodyHeader,
  end: number,
  scratch: number,
  plan: BodyPlan,
  metering: Metering | undefined,
): void {
  const { edits } = plan;
  const shape = chooseShape(plan);
  const writer = metering && new ChargeWriter(w, metering, shape, scratch);
  if (writer?.needsLocal(plan)) {
    w.u32(header.groups + 1);
    w.bytes(bytes, header.groupsAt, header.codeAt);
    w.code(1, I32);
  } else {
    w.u32(header.groups);
    w.bytes(bytes, header.groupsAt, header.codeAt);
  }
  let pos = header.codeAt;
  for (let i = 0; i < edits.length; i++) {
    w.bytes(bytes, pos, edits.at[i]!);
    pos = edits.end[i]!;
    const value = edits.value[i]!;
    switch (edits.kind[i]) {
      case EDIT.index:
        w.u32(value);
        break;
      case EDIT.charge:
        writer?.charge(value, edits.flag[i]!, i === 0);
        break;
      case EDIT.spill:
        writer?.spill();
        break;
      case EDIT.reload:
        writer?.reload();
        break;
      case EDIT.wrap:
        w.bytes(bytes, pos, value);
        writer?.fill();
        break;
      case EDIT.close:
        w.u8(CODE.end);
        break;
      default:
        writer?.spill();
        w.u8(CODE.call);
        w.u32(value);
        writer?.reload();
    }
  }
  w.bytes(bytes, pos, end);
}

/** Writes what charges and moves the counter, in one of the two shapes. */
class ChargeWriter {
  private readonly w: ByteWriter;
  private readonly metering: Metering;
  private readonly shape: Shape;
  private readonly scratch: number;

  constructor(w: ByteWriter, metering: Metering, shape: Shape, scratch: number) {
    this.w = w;
    this.metering = metering;
    this.shape = shape;
    this.scratch = scratch;
  }

  needsLocal({ edits }: BodyPlan): boolean {
    if (this.shape === 'local') return true;
    for (let i = 0; i < edits.length; i++) {
      if (edits.kind[i] === EDIT.charge && edits.flag[i] === CHECK.here) return true;
    }
    return false;
  }

  charge(cost: number, check: number, entry: boolean): void {
    const { w, shape } = this;
    if (shape === 'local' && entry) this.reload();
    if (check === CHECK.around) {
      this.isNegative();
      w.code(CODE.brIf, 1);
    }
    if (cost > 0) {
      this.push();
      w.u8(CODE.i32Const);
      w.s32(cost);
      w.u8(CODE.i32Sub);
      if (check === CHECK.here) this.local(CODE.localTee);
      if (shape === 'global') this.store();
      else if (check !== CHECK.here) this.local(CODE.localSet);
    } else if (check === CHECK.here) this.push();
    if (check !== CHECK.here) return;
    if (shape === 'global' && cost > 0) this.local(CODE.localGet);
    w.code(CODE.i32Const, 0, CODE.i32LtS);
    this.fillIf();
  }

  /** At the head of the loop around a loop. */
  fill(): void {
    this.isNegative();
    this.fillIf();
  }

  private isNegative(): void {
    this.push();
    this.w.code(CODE.i32Const, 0, CODE.i32LtS);
  }

  private fillIf(): void {
    const { w } = this;
    w.code(CODE.if, CODE.empty);
    this.spill();
    w.u8(CODE.call);
    w.u32(this.metering.refill);
    this.reload();
    w.u8(CODE.end);
  }

  /** In the shape `local`: puts the counter where others see it. */
  spill(): void {
    if (this.shape === 'global') return;
    this.local(CODE.localGet);
    this.store();
  }

  reload(): void {
    if (this.shape === 'global') return;
    this.load();
    this.local(CODE.localSet);
  }

  private push(): void {
    if (this.shape === 'global') this.load();
    else this.local(CODE.localGet);
  }

  private local(opcode: number): void {
    this.w.u8(opcode);
    this.w.u32(this.scratch);
  }

  private load(): void {
    this.w.u8(CODE.globalGet);
    this.w.u32(this.metering.fuelGlobal);
  }

  private store(): void {
    this.w.u8(CODE.globalSet);
    this.w.u32(this.metering.fuelGlobal);
  }
}
