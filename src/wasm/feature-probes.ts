const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

function section(id: number, ...content: readonly number[]): readonly number[] {
  return [id, content.length, ...content];
}

function module(...sections: readonly (readonly number[])[]): readonly number[] {
  return [...HEADER, ...sections.flat()];
}

/** A module with one memory and one function `() -> ()` of the given instructions. */
function body(...code: readonly number[]): readonly number[] {
  return module(
    section(1, 1, 0x60, 0, 0),
    section(3, 1, 0),
    section(5, 1, 0, 1),
    section(10, 1, code.length + 2, 0, ...code, 0x0b),
  );
}

const V128_ZERO: readonly number[] = [0xfd, 0x0c, ...Array<number>(16).fill(0)];

/** For each feature the smallest module that uses it and nothing else that an engine might lack. */
export const FEATURE_PROBES = {
  'mutable-globals': module(section(6, 1, 0x7f, 1, 0x41, 0, 0x0b), section(7, 1, 1, 0x67, 3, 0)),
  'sign-extension': body(0x41, 0, 0xc0, 0x1a),
  'nontrapping-float-to-int': body(0x43, 0, 0, 0, 0, 0xfc, 0, 0x1a),
  'multi-value': module(section(1, 1, 0x60, 0, 2, 0x7f, 0x7f)),
  'bulk-memory': body(0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x0b, 0),
  'reference-types': body(0xd0, 0x6f, 0x1a),
  simd: body(...V128_ZERO, 0x1a),
  'relaxed-simd': body(...V128_ZERO, ...V128_ZERO, 0xfd, 0x80, 2, 0x1a),
  'tail-call': body(0x12, 0),
  'extended-const': module(section(6, 1, 0x7f, 0, 0x41, 1, 0x41, 1, 0x6a, 0x0b)),
  'exception-handling': module(section(1, 1, 0x60, 0, 0), section(13, 1, 0, 0)),
  'legacy-exceptions': body(0x06, 0x40, 0x19, 0x0b),
  exnref: body(0x1f, 0x40, 0, 0x0b),
  'multi-memory': module(section(5, 2, 0, 1, 0, 1)),
  memory64: module(section(5, 1, 4, 1)),
  'function-references': module(section(1, 1, 0x60, 0, 0), section(6, 1, 0x63, 0, 0, 0xd0, 0, 0x0b)),
  gc: module(section(1, 1, 0x5f, 0)),
  threads: body(0x41, 0, 0xfe, 0x10, 2, 0, 0x1a),
  'shared-memory': module(section(5, 1, 3, 1, 1)),
} as const satisfies Record<string, readonly number[]>;
