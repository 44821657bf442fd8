import wabt from 'wabt';

const tools = await wabt();

const FEATURES = {
  exceptions: true,
  mutable_globals: true,
  sat_float_to_int: true,
  sign_extension: true,
  simd: true,
  threads: true,
  multi_value: true,
  tail_call: true,
  bulk_memory: true,
  reference_types: true,
  memory64: true,
  multi_memory: true,
  extended_const: true,
  relaxed_simd: true,
};

/** Assembles WebAssembly text. All features are on except those that change how plain modules are encoded. */
export function wat(text: string): Uint8Array {
  const module = tools.parseWat('test.wat', text, FEATURES);
  try {
    return new Uint8Array(module.toBinary({ write_debug_names: true }).buffer);
  } finally {
    module.destroy();
  }
}

/** A custom section, to be appended to a module. */
export function custom(name: string, content: Uint8Array | string): Uint8Array {
  const label = new TextEncoder().encode(name);
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return Uint8Array.from([0, ...leb(1 + label.length + bytes.length), label.length, ...label, ...bytes]);
}

/** An unsigned LEB128 number. */
export function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** A module of the given sections, each an id and its content. */
export function moduleOf(...sections: readonly (readonly [number, readonly number[]])[]): Uint8Array {
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...sections.flatMap(([id, content]) => [id, ...leb(content.length), ...content]),
  ]);
}
