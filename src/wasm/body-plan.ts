import type { BulkCharges } from './bulk-charges.js';
import { EDIT, EditList } from './edit-list.js';
import type { GrowGuards } from './grow-guard.js';
import type { Injection } from './injection.js';
import type { InstructionReader } from './instruction-reader.js';
import { OP } from './opcodes.js';

/** A function that calls nothing and costs no more is not checked at its entry. */
const UNCHECKED_COST = 64;
/** After so many units in a straight line a check is put in; a call counts as {@link UNCHECKED_COST}. */
const UNITS_BETWEEN_CHECKS = 32_768;
const NO_SEGMENT = -1;

/**
 * Plans the changes to one function body in one walk.
 *
 * Cost is collected by segments: runs of code that are executed equally often, each charged at its beginning. A segment
 * begins at the entry, at a loop header, in every arm, and behind a conditional branch. Behind the end of a block the
 * segment from before the block goes on, unless a branch leaves the block for an outer one: otherwise whoever went in
 * comes out here. So the sum of charges is the number of instructions executed, except that a trap or an exception
 * leaves the rest of its segment charged.
 */
export class BodyPlan {
  readonly edits = new EditList();
  /** How many segments have a cost. */
  charges = 0;
  /** Calls that are executed, the injected ones included. */
  calls = 0;
  loops = 0;
  /** Whether an exception can be caught here. */
  catches = false;

  private readonly injection: Injection;
  private readonly guards: GrowGuards;
  private readonly bulk: BulkCharges | undefined;
  private level = 0;
  private live = true;
  private segment = NO_SEGMENT;
  /** Units since the beginning, in the order of the text; and where the last check is on that scale. */
  private text = 0;
  private checkedAt = 0;
  // One entry for each open block.
  private readonly entryLive: boolean[] = [];
  private readonly entrySegment: number[] = [];
  private readonly entryCheckedAt: number[] = [];
  /** The outermost block that a branch from within leaves for. */
  private readonly outermost: number[] = [];

  /** @param bulk absent without metering: then only indices and guards of growth are planned */
  constructor(injection: Injection, guards: GrowGuards, bulk: BulkCharges | undefined) {
    this.injection = injection;
    this.guards = guards;
    this.bulk = bulk;
  }

  /** Walks from the first instruction to the end of the body. */
  plan(reader: InstructionReader): void {
    this.edits.clear();
    this.charges = 0;
    this.calls = 0;
    this.loops = 0;
    this.catches = false;
    this.level = 0;
    this.live = true;
    this.text = 0;
    this.checkedAt = 0;
    this.outermost[0] = 0;
    const { end } = reader;
    const entry = this.open(reader.pos, 0);
    this.segment = entry;
    while (reader.pos < end) {
      reader.next();
      if (this.live && this.bulk !== undefined) this.count(reader);
      this.instruction(reader);
    }
    const { edits } = this;
    let total = 0;
    for (let i = 0; i < edits.length; i++) {
      if (edits.kind[i] !== EDIT.charge || edits.value[i] === 0) continue;
      total += edits.value[i]!;
      this.charges++;
    }
    if (entry !== NO_SEGMENT && (this.calls > 0 || total > UNCHECKED_COST)) edits.flag[entry] = 1;
  }

  private count(reader: InstructionReader): void {
    const { opcode } = reader;
    const cost = opcode === OP.arrayNewFixed ? 1 + reader.index2 : isMarker(opcode) ? 0 : 1;
    if (cost === 0) return;
    if (this.text - this.checkedAt >= UNITS_BETWEEN_CHECKS) {
      this.segment = this.open(reader.start, 1);
      this.checkedAt = this.text;
    }
    this.edits.value[this.segment]! += cost;
    this.text += isCall(opcode) ? UNCHECKED_COST : cost;
  }

  private open(at: number, check: 0 | 1): number {
    if (this.bulk === undefined) return NO_SEGMENT;
    return this.edits.add(EDIT.charge, at, at, 0, check);
  }

  private instruction(reader: InstructionReader): void {
    const { opcode } = reader;
    switch (opcode) {
      case OP.block:
        this.push();
        return;
      case OP.if:
        this.push();
        if (this.live) this.segment = this.open(reader.pos, 0);
        return;
      case OP.loop:
        this.loop(reader);
        return;
      case OP.try:
        this.catches = true;
        this.push();
        return;
      case OP.tryTable:
        this.catches = true;
        this.push();
        // Its labels count from outside of it.
        if (reader.index >= 0) this.leave(this.level - 1 - reader.index);
        return;
      case OP.else:
      case OP.catch:
      case OP.catchAll:
        this.nextArm(reader);
        return;
      case OP.end:
        if (this.level === 0) this.edits.add(EDIT.spill, reader.start, reader.start, 0, 0);
        else this.pop(reader);
        return;
      case OP.delegate:
        this.pop(reader);
        return;
      case OP.brIf:
      case OP.brOnNull:
      case OP.brOnNonNull:
      case OP.brOnCast:
      case OP.brOnCastFail:
        if (!this.live) return;
        this.branch(reader, this.level - reader.index);
        this.segment = this.open(reader.pos, 0);
        return;
      case OP.br:
      case OP.brTable:
        this.jump(reader, this.level - reader.index);
        return;
      case OP.return:
      case OP.throw:
      case OP.rethrow:
      case OP.throwRef:
        this.jump(reader, 0);
        return;
      case OP.unreachable:
        // Not a way out of a block: the instance ends here.
        if (this.live) this.edits.add(EDIT.spill, reader.start, reader.start, 0, 0);
        this.live = false;
        return;
      case OP.call:
      case OP.callIndirect:
      case OP.callRef:
        this.call(reader);
        return;
      case OP.returnCall:
      case OP.returnCallIndirect:
      case OP.returnCallRef:
        this.tailCall(reader);
        return;
      case OP.refFunc:
        this.renumber(reader);
        return;
      case OP.memoryGrow:
        if (this.live) this.guard(reader, this.guards.memory(reader.index));
        return;
      case OP.tableGrow:
        if (this.live) this.guard(reader, this.guards.table(reader.index));
        return;
      default:
        if (opcode >= OP.arrayNew && this.live && this.bulk !== undefined) {
          this.guard(reader, this.bulk.before(reader));
        }
    }
  }

  private push(): void {
    this.level++;
    const { level } = this;
    this.entryLive[level] = this.live;
    this.entrySegment[level] = this.segment;
    this.entryCheckedAt[level] = this.checkedAt;
    this.outermost[level] = level;
  }

  private loop(reader: InstructionReader): void {
    if (!this.live) {
      this.push();
      return;
    }
    this.loops++;
    this.checkedAt = this.text;
    this.push();
    this.segment = this.open(reader.pos, 1);
  }

  private nextArm(reader: InstructionReader): void {
    this.live = this.entryLive[this.level]!;
    this.checkedAt = this.entryCheckedAt[this.level]!;
    if (this.live) this.segment = this.open(reader.pos, 0);
  }

  private pop(reader: InstructionReader): void {
    const { level } = this;
    const outermost = this.outermost[level]!;
    this.level--;
    if (outermost < this.outermost[level - 1]!) this.outermost[level - 1] = outermost;
    this.live = this.entryLive[level]!;
    if (!this.live) return;
    // A check inside may lie in an arm that was not taken.
    this.checkedAt = this.entryCheckedAt[level]!;
    this.segment = outermost < level ? this.open(reader.pos, 0) : this.entrySegment[level]!;
  }

  /** Notes a branch from here to the block at `target`; 0 is the function. */
  private leave(target: number): void {
    if (this.live && target < this.outermost[this.level]!) this.outermost[this.level] = target;
  }

  private branch(reader: InstructionReader, target: number): void {
    this.leave(target);
    if (target === 0) this.edits.add(EDIT.spill, reader.start, reader.start, 0, 0);
  }

  private jump(reader: InstructionReader, target: number): void {
    if (!this.live) return;
    this.branch(reader, target);
    this.live = false;
  }

  private renumber(reader: InstructionReader): void {
    const index = this.injection.functionIndex(reader.index);
    if (index !== reader.index) this.edits.add(EDIT.index, reader.indexAt, reader.pos, index, 0);
  }

  private call(reader: InstructionReader): void {
    const { live, edits } = this;
    if (live) {
      this.calls++;
      edits.add(EDIT.spill, reader.start, reader.start, 0, 0);
    }
    if (reader.opcode === OP.call) this.renumber(reader);
    if (live) edits.add(EDIT.reload, reader.pos, reader.pos, 0, 0);
  }

  private tailCall(reader: InstructionReader): void {
    if (this.live) this.calls++;
    this.jump(reader, 0);
    if (reader.opcode === OP.returnCall) this.renumber(reader);
  }

  private guard(reader: InstructionReader, index: number): void {
    if (index < 0) return;
    this.calls++;
    this.edits.add(EDIT.guard, reader.start, reader.start, index, 0);
  }
}

/** Instructions that only mark structure and cost nothing. */
function isMarker(opcode: number): boolean {
  switch (opcode) {
    case OP.nop:
    case OP.block:
    case OP.loop:
    case OP.else:
    case OP.end:
    case OP.try:
    case OP.catch:
    case OP.catchAll:
    case OP.delegate:
    case OP.tryTable:
      return true;
    default:
      return false;
  }
}

function isCall(opcode: number): boolean {
  return opcode >= OP.call && opcode <= OP.returnCallRef;
}
