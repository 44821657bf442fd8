import type { ByteWriter } from './byte-writer.js';
import { I32, type Injection } from './injection.js';
import type { ModuleStructure } from './module-structure.js';
import { FUEL_EXPORT, METER_MODULE, memoryExportName } from './reserved-names.js';
import { SECTION } from './sections.js';
import { CODE } from './word-code.js';

/** What is appended to a section: the number of entries, and what writes them. */
export interface Addition {
  readonly count: number;
  write(w: ByteWriter): void;
}

/** What an injection appends to each section but the code, by section id. */
export function planAdditions(structure: ModuleStructure, injection: Injection): Map<number, Addition> {
  const { types, imports, functions, globals, fuelGlobal } = injection;
  const memories = structure.memories.length;
  return new Map<number, Addition>([
    [SECTION.type, each(types, (w, type) => w.bytes(type))],
    [
      SECTION.import,
      each(imports, (w, { name, type }) => {
        w.name(METER_MODULE);
        w.name(name);
        w.u8(0);
        w.u32(type);
      }),
    ],
    [SECTION.function, each(functions, (w, { type }) => w.u32(type))],
    [
      SECTION.global,
      each(globals, (w, initial) => {
        w.code(I32, 1, CODE.i32Const);
        w.s32(initial);
        w.u8(CODE.end);
      }),
    ],
    [
      SECTION.export,
      {
        count: memories + (fuelGlobal >= 0 ? 1 : 0),
        write: (w) => {
          for (let index = 0; index < memories; index++) {
            w.name(memoryExportName(index));
            w.u8(2);
            w.u32(index);
          }
          if (fuelGlobal < 0) return;
          w.name(FUEL_EXPORT);
          w.u8(3);
          w.u32(fuelGlobal);
        },
      },
    ],
  ]);
}

function each<T>(entries: readonly T[], write: (w: ByteWriter, entry: T) => void): Addition {
  return {
    count: entries.length,
    write: (w) => {
      for (const entry of entries) write(w, entry);
    },
  };
}
