import type { InstructionReader } from './instruction-reader.js';
import { enforce, type StructuralLimits } from './limits.js';
import type { ModuleStructure } from './module-structure.js';
import { OP, PREFIX_GC } from './opcodes.js';
import { STACK_EFFECTS, TYPED } from './stack-effects.js';
import type { FunctionType } from './type-section.js';

/** What V8 keeps for a block besides its locals and stack values is as much as for so many of them. */
const BLOCK_STATE = 32;
const STRUCT_NEW = PREFIX_GC;
/** Code that is too short for a ratio to mean anything. */
const FREE_OPERANDS = 100_000;

/** Follows the open blocks of a body and the height of the operand stack, and holds the limits that depend on them. */
export class BlockStack {
  private depth = 0;
  private height = 0;
  private base = 0;
  private locals = 0;
  private state = 0;
  /** Over all bodies so far. */
  private operands = 0;
  // One entry for each open block: where its part of the stack begins, its operands, its results, and those of a branch.
  private readonly bases: number[] = [];
  private readonly params: number[] = [];
  private readonly results: number[] = [];
  private readonly arities: number[] = [];
  private readonly structure: ModuleStructure;
  private readonly limits: StructuralLimits;
  private readonly codeStart: number;

  constructor(structure: ModuleStructure, limits: StructuralLimits, codeStart: number) {
    this.structure = structure;
    this.limits = limits;
    this.codeStart = codeStart;
  }

  /** Begins with a body. @param locals its parameters and locals */
  enter(results: number, locals: number): void {
    this.depth = 0;
    this.height = 0;
    this.state = 0;
    this.locals = locals;
    this.push(0, results, results);
  }

  /** Takes note of the instruction that was read. @returns whether blocks are still open */
  note(reader: InstructionReader): boolean {
    const effect = STACK_EFFECTS[reader.opcode]!;
    if (effect !== TYPED) this.change(effect);
    else this.typed(reader);
    return this.depth > 0;
  }

  /** Ends the body; the ratio of operands to code is held over all bodies so far. */
  leave(reader: InstructionReader): void {
    const allowed = (reader.pos - this.codeStart) * this.limits.operandsPerCodeByte + FREE_OPERANDS;
    if (this.operands <= allowed) return;
    const ratio = Math.ceil(this.operands / (reader.pos - this.codeStart));
    enforce(this.limits, 'operandsPerCodeByte', ratio, reader.pos);
  }

  private change(effect: number): void {
    this.height += effect;
    // In code that is not reached operands come from nowhere.
    if (this.height < this.base) this.height = this.base;
  }

  private push(params: number, results: number, arity: number): void {
    const { depth } = this;
    this.base = Math.max(this.base, this.height - params);
    if (depth === 0) this.base = 0;
    this.bases[depth] = this.base;
    this.params[depth] = params;
    this.results[depth] = results;
    this.arities[depth] = arity;
    this.height = this.base + params;
    this.depth++;
  }

  /** What follows is not reached, up to the end of the block or its next arm. */
  private cut(): void {
    this.height = this.base;
  }

  private arm(operands: number): void {
    this.height = this.base + operands;
  }

  private typed(reader: InstructionReader): void {
    switch (reader.opcode) {
      case OP.if:
        this.change(-1);
        this.block(reader);
        return;
      case OP.block:
      case OP.loop:
      case OP.try:
      case OP.tryTable:
        this.block(reader);
        return;
      case OP.else:
        this.arm(this.params[this.depth - 1]!);
        return;
      case OP.catch:
        this.arm(this.tag(reader).params.length);
        return;
      case OP.catchAll:
        this.arm(0);
        return;
      case OP.end:
      case OP.delegate:
        this.pop();
        return;
      case OP.br:
        this.branch(reader, 1);
        this.cut();
        return;
      case OP.brTable:
        this.branch(reader, reader.index2 + 1);
        this.cut();
        return;
      case OP.brIf:
      case OP.brOnNonNull:
        this.change(-1);
        this.branch(reader, 1);
        return;
      case OP.brOnNull:
      case OP.brOnCast:
      case OP.brOnCastFail:
        this.branch(reader, 1);
        return;
      case OP.throw:
        this.operands += this.tag(reader).params.length;
        this.cut();
        return;
      case OP.unreachable:
      case OP.return:
      case OP.rethrow:
      case OP.throwRef:
        this.cut();
        return;
      case OP.call:
        this.call(this.functionType(reader), 0);
        return;
      case OP.returnCall:
        this.call(this.functionType(reader), 0);
        this.cut();
        return;
      case OP.callIndirect:
      case OP.callRef:
        this.call(this.type(reader, reader.index), 1);
        return;
      case OP.returnCallIndirect:
      case OP.returnCallRef:
        this.call(this.type(reader, reader.index), 1);
        this.cut();
        return;
      case STRUCT_NEW: {
        const type = this.structure.types[reader.index];
        this.make(type?.kind === 'struct' ? type.fields : 0);
        return;
      }
      case OP.arrayNewFixed:
        this.make(reader.index2);
        return;
      default:
        // Every opcode of the table has an effect or a case here; a test holds that.
        reader.fail('an instruction has no known effect', reader.start);
    }
  }

  private block(reader: InstructionReader): void {
    const type = reader.blockType < 0 ? undefined : this.type(reader, reader.blockType);
    const params = type?.params.length ?? 0;
    const results = type?.results.length ?? reader.blockResults;
    if (params > 0 || results > 1) this.structure.features.add('multi-value');
    this.push(params, results, reader.opcode === OP.loop ? params : results);
    this.operands += params + results;
    this.state += BLOCK_STATE + this.locals + this.height;
    const { limits } = this;
    if (this.depth > limits.nesting) enforce(limits, 'nesting', this.depth, reader.start);
    if (this.state > limits.controlState) enforce(limits, 'controlState', this.state, reader.start);
  }

  private pop(): void {
    this.depth--;
    const { depth } = this;
    this.height = this.bases[depth]! + this.results[depth]!;
    if (depth > 0) this.base = this.bases[depth - 1]!;
  }

  private branch(reader: InstructionReader, targets: number): void {
    const label = this.depth - 1 - reader.index;
    if (label < 0) reader.fail(`a branch leaves ${reader.index + 1} of ${this.depth} blocks`, reader.start);
    this.operands += this.arities[label]! * targets;
  }

  private call(type: FunctionType, extra: number): void {
    this.operands += type.params.length + type.results.length;
    this.change(-type.params.length - extra);
    this.change(type.results.length);
  }

  private make(operands: number): void {
    this.operands += operands;
    this.change(-operands);
    this.change(1);
  }

  private functionType(reader: InstructionReader): FunctionType {
    const index = this.structure.functions[reader.index];
    if (index === undefined) reader.fail(`function ${reader.index} does not exist`, reader.start);
    return this.type(reader, index);
  }

  private type(reader: InstructionReader, index: number): FunctionType {
    const type = this.structure.types[index];
    if (type?.kind !== 'function') reader.fail(`type ${index} is no function type`, reader.start);
    return type;
  }

  private tag(reader: InstructionReader): FunctionType {
    const tag = this.structure.tags[reader.index];
    if (tag === undefined) reader.fail(`tag ${reader.index} does not exist`, reader.start);
    return tag;
  }
}
