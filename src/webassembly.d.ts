// The part of the WebAssembly JavaScript API that Cordon uses: neither Node's types nor TypeScript's `es` libraries
// declare it, and the `dom` library would bring a browser's globals along.
declare namespace WebAssembly {
  type ImportValue = CallableFunction | Memory | Table | Global | number | bigint;
  type Imports = Record<string, Record<string, ImportValue>>;
  type Kind = 'function' | 'table' | 'memory' | 'global' | 'tag';

  class Module {
    constructor(bytes: Uint8Array | ArrayBuffer);
    static exports(module: Module): { name: string; kind: Kind }[];
    static imports(module: Module): { module: string; name: string; kind: Kind }[];
    static customSections(module: Module, name: string): ArrayBuffer[];
  }
  type Exports = Record<string, ImportValue>;
  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Exports;
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number; shared?: boolean });
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  class Table {
    constructor(descriptor: { element: 'anyfunc' | 'externref'; initial: number; maximum?: number });
    readonly length: number;
    get(index: number): unknown;
    set(index: number, value?: unknown): void;
    grow(by: number): number;
  }
  class Global {
    constructor(
      descriptor: { value: 'i32' | 'i64' | 'f32' | 'f64' | 'externref' | 'anyfunc'; mutable?: boolean },
      value?: unknown,
    );
    value: unknown;
  }
  class CompileError extends Error {}
  class LinkError extends Error {}
  class RuntimeError extends Error {}

  /** JavaScript Promise Integration: Node 24 and later. */
  const Suspending: undefined | (new (fn: CallableFunction) => CallableFunction);
  const promising: undefined | ((fn: CallableFunction) => (...args: unknown[]) => Promise<unknown>);

  function validate(bytes: Uint8Array | ArrayBuffer): boolean;
  function compile(bytes: Uint8Array | ArrayBuffer): Promise<Module>;
  function instantiate(module: Module, imports?: Imports): Promise<Instance>;
}
