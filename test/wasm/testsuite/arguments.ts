import type { WatParser } from './wat-tools.js';

const SLOT = 16;
const PER_FUNCTION = 500;
const STORES: Record<string, string> = {
  'i32.const': 'i32.store',
  'i64.const': 'i64.store',
  'f32.const': 'f32.store',
  'f64.const': 'f64.store',
  'v128.const': 'v128.store',
};

/**
 * The bits of the numeric constants of a script. They are made by running a module that stores them all, because
 * JavaScript cannot read their text and would not keep the payloads of NaN.
 */
export class ArgumentBits {
  private readonly slots = new Map<string, number>();
  private memory = new Uint8Array();

  /** Announces a constant, `(f32.const nan:0x200000)`. */
  add(text: string): void {
    if (!this.slots.has(text)) this.slots.set(text, this.slots.size);
  }

  async make(parse: WatParser): Promise<void> {
    const stores = [...this.slots].map(([text, slot]) => {
      const store = STORES[/^\(\s*(\S+)/.exec(text)![1]!]!;
      return `(${store} (i32.const ${slot * SLOT}) ${text})`;
    });
    const functions: string[] = [];
    for (let i = 0; i < stores.length; i += PER_FUNCTION) {
      functions.push(
        `(func (export "f${functions.length}") ${stores.slice(i, i + PER_FUNCTION).join('\n')})`,
      );
    }
    const pages = Math.ceil((stores.length * SLOT) / 65_536);
    const bytes = await parse(`(module (memory (export "m") ${pages}) ${functions.join('\n')})`);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    for (let i = 0; i < functions.length; i++) (exports[`f${i}`] as () => void)();
    this.memory = new Uint8Array((exports.m as WebAssembly.Memory).buffer);
  }

  /** The 16 bytes that begin with the constant's. */
  bits(text: string): Uint8Array {
    const slot = this.slots.get(text)!;
    return this.memory.subarray(slot * SLOT, (slot + 1) * SLOT);
  }
}
