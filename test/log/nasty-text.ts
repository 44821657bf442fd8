import fc from 'fast-check';

/** Strings of what a guest might try: control characters, bidi, separators, halves of surrogate pairs, and anything else. */
export const nastyText: fc.Arbitrary<string> = fc.string({
  unit: fc
    .oneof(
      fc.integer({ min: 0, max: 0xff }),
      fc.integer({ min: 0x2000, max: 0x2070 }),
      fc.integer({ min: 0xd7f0, max: 0xe00f }),
      fc.integer({ min: 0, max: 0xffff }),
    )
    .map((unit) => String.fromCharCode(unit)),
});
