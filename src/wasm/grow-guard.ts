import { memoryMaximum, type SizeCaps, tableMaximum } from './cap-memory.js';
import type { Injection } from './injection.js';
import type { Metering } from './metering.js';
import type { ModuleStructure } from './module-structure.js';
import { MAY_GROW } from './reserved-names.js';
import { CODE, WordCode } from './word-code.js';

/** What growing by one page costs, as a power of two: 256. */
const PAGE_COST_BITS = 8;
/** V8's tables end below; the counter must not wrap. */
const MAX_CHARGED_ELEMENTS = 2 ** 28;
const REFUSED = -1;

/**
 * Functions that stand in front of `memory.grow` and `table.grow`: they take its operand and give it back, or -1, with
 * which the instruction fails as it does when the engine refuses. So the instruction stays where it was.
 */
export class GrowGuards {
  private readonly guards = new Map<string, number>();
  private readonly structure: ModuleStructure;
  private readonly caps: SizeCaps;
  private readonly injection: Injection;
  private readonly metering: Metering | undefined;

  constructor(
    structure: ModuleStructure,
    caps: SizeCaps,
    injection: Injection,
    metering: Metering | undefined,
  ) {
    this.structure = structure;
    this.caps = caps;
    this.injection = injection;
    this.metering = metering;
  }

  /**
   * The guard of a memory: growth within the maximum that the module itself declares is put to the host, and charged if
   * it agrees. Also what the cap would refuse anyway, so that the host knows why the guest got -1.
   */
  memory(index: number): number {
    const memory = this.structure.memories[index]!;
    const maximum = memoryMaximum(memory, this.caps);
    return this.guard(`memory.grow ${index}`, memory.is64, (code) => {
      const { w } = code;
      if (memory.max !== undefined) this.refuseBeyond(code, memory.max, () => code.memorySize(index));
      w.u8(CODE.i32Const);
      w.s32(index);
      if (code.is64)
        code.min(
          () => code.operand(),
          () => code.constant(0xffff_ffff),
        );
      else code.operand();
      code.toI32();
      w.u8(CODE.call);
      w.u32(this.injection.hook(MAY_GROW));
      w.u8(CODE.i32Eqz);
      code.returnIf(REFUSED);
      this.refuseBeyond(code, maximum, () => code.memorySize(index));
      // At most 2^18 pages are left after the check above: the charge does not overflow.
      this.metering?.charge(w, () => {
        code.operand();
        code.toI32();
        w.code(CODE.i32Const, PAGE_COST_BITS, CODE.i32Shl);
      });
    });
  }

  /** The guard of a table: growth within its maximum and within what all tables together may have is charged. */
  table(index: number): number {
    const table = this.structure.tables[index]!;
    const maximum = tableMaximum(table, this.caps);
    const budget = this.injection.tableBudget;
    return this.guard(`table.grow ${index}`, table.is64, (code) => {
      const { w } = code;
      this.refuseBeyond(code, maximum, () => code.tableSize(index));
      if (budget >= 0) {
        code.operand();
        w.u8(CODE.globalGet);
        w.u32(budget);
        code.fromI32();
        code.gtU();
        code.returnIf(REFUSED);
      }
      this.metering?.charge(w, () => {
        code.min(
          () => code.operand(),
          () => code.constant(MAX_CHARGED_ELEMENTS),
        );
        code.toI32();
      });
      if (budget >= 0) {
        w.u8(CODE.globalGet);
        w.u32(budget);
        code.operand();
        code.toI32();
        w.code(CODE.i32Sub, CODE.globalSet);
        w.u32(budget);
      }
    });
  }

  private guard(name: string, is64: boolean, write: (code: WordCode) => void): number {
    const known = this.guards.get(name);
    if (known !== undefined) return known;
    const word = WordCode.type(is64);
    const type = this.injection.type([word], [word]);
    const made = this.injection.function(`cordon:${name}`, type, (w) => {
      const code = new WordCode(w, is64);
      w.u8(0);
      code.operand();
      code.eqz();
      code.returnIf('operand');
      write(code);
      code.operand();
      w.u8(CODE.end);
    });
    this.guards.set(name, made);
    return made;
  }

  /** The size never exceeds `maximum`, because that is the maximum of the rewritten module too. */
  private refuseBeyond(code: WordCode, maximum: number, size: () => void): void {
    code.operand();
    code.constant(maximum);
    size();
    code.sub();
    code.gtU();
    code.returnIf(REFUSED);
  }
}
