import { ByteWriter } from './byte-writer.js';
import { initialElements, type SizeCaps } from './cap-memory.js';
import type { ModuleStructure } from './module-structure.js';
import { MAY_GROW, OUT_OF_FUEL } from './reserved-names.js';

export const I32 = 0x7f;
export const I64 = 0x7e;

interface InjectedFunction {
  readonly type: number;
  readonly name: string;
  readonly body: Uint8Array;
}

/**
 * What is added to a module: imported hooks behind its own imports, everything else behind the last of its kind. Only
 * the hooks move indices, those of the module's own functions.
 */
export class Injection {
  /** Types, encoded. */
  readonly types: Uint8Array[] = [];
  /** Names of the hooks with the index of their type. */
  readonly imports: { name: string; type: number }[] = [];
  /** Mutable i32 globals, by their initial values. */
  readonly globals: number[] = [];
  readonly functions: InjectedFunction[] = [];
  /** By how much the indices of the module's own functions grow. */
  readonly shift: number;
  /** The index of the counter, or -1 without metering. */
  readonly fuelGlobal: number;
  /** The index of the global that holds how many table elements may still be added, or -1 where none is needed. */
  readonly tableBudget: number;
  private readonly typeKeys = new Map<string, number>();
  private readonly structure: ModuleStructure;

  constructor(
    structure: ModuleStructure,
    caps: SizeCaps,
    uses: { metering: boolean; memoryGrow: boolean; tableGrow: boolean },
  ) {
    this.structure = structure;
    if (uses.metering) this.imports.push({ name: OUT_OF_FUEL, type: this.type([], [I32]) });
    if (uses.memoryGrow) this.imports.push({ name: MAY_GROW, type: this.type([I32, I32], [I32]) });
    this.shift = this.imports.length;
    this.fuelGlobal = uses.metering ? this.global(0) : -1;
    const left = caps.maxTableElements - initialElements(structure);
    this.tableBudget =
      uses.tableGrow && left !== Number.POSITIVE_INFINITY ? this.global(Math.min(left, 0x7fff_ffff)) : -1;
  }

  /** The new index of a function. */
  functionIndex(index: number): number {
    return index < this.structure.importedFunctions ? index : index + this.shift;
  }

  /** The index of an imported hook, or -1 where it is not imported. */
  hook(name: string): number {
    const place = this.imports.findIndex((entry) => entry.name === name);
    return place < 0 ? -1 : this.structure.importedFunctions + place;
  }

  /** The index of the function type, which is added once. */
  type(params: readonly number[], results: readonly number[]): number {
    const encoded = [0x60, params.length, ...params, results.length, ...results];
    const key = encoded.join();
    const known = this.typeKeys.get(key);
    if (known !== undefined) return known;
    const index = this.structure.types.length + this.types.length;
    this.types.push(Uint8Array.from(encoded));
    this.typeKeys.set(key, index);
    return index;
  }

  private global(initial: number): number {
    this.globals.push(initial);
    return this.structure.globals.length + this.globals.length - 1;
  }

  /** Adds a function; `write` writes its body from the declarations of locals to the last `end`. */
  function(name: string, type: number, write: (writer: ByteWriter) => void): number {
    const writer = new ByteWriter(64);
    write(writer);
    this.functions.push({ type, name, body: writer.view() });
    return this.structure.functions.length + this.shift + this.functions.length - 1;
  }
}
