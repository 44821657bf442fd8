import { rewriteModule } from '../../src/wasm/rewrite.js';

/** A host that grants fuel in slices up to a limit and counts what was consumed. */
export class FuelHost {
  granted = 0;
  asked = 0;
  limit: number;
  slice: number;
  counter: { value: number } = { value: 0 };
  readonly exports: Record<string, (...args: unknown[]) => unknown>;

  constructor(
    original: Uint8Array,
    options: { limit?: number; slice?: number; imports?: WebAssembly.Imports; rewritten?: Uint8Array } = {},
  ) {
    this.limit = options.limit ?? Number.POSITIVE_INFINITY;
    this.slice = options.slice ?? 100_000;
    const bytes =
      options.rewritten ??
      rewriteModule(original, { maxMemoryBytes: 2 ** 28, maxTableElements: 1_000_000, metering: true }).bytes;
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      ...options.imports,
      'cordon:meter': {
        out_of_fuel: () => {
          this.asked++;
          const grant = Math.min(this.slice, this.limit - this.granted);
          if (grant <= 0) return 0;
          this.granted += grant;
          return grant;
        },
        may_grow: () => 1,
      },
    });
    this.exports = instance.exports as unknown as typeof this.exports;
    this.counter = instance.exports['cordon:fuel'] as unknown as { value: number };
  }

  /** What was consumed since the last {@link begin}. */
  get consumed(): number {
    return this.granted - this.counter.value;
  }

  begin(): void {
    this.counter.value = 0;
    this.granted = 0;
    this.asked = 0;
  }

  /** Calls an export and gives what it consumed. */
  measure(name: string, ...args: unknown[]): number {
    this.begin();
    this.exports[name]!(...args);
    return this.consumed;
  }
}
