import { KERNEL64_BYTES } from '../../src/kernel/kernel64-bytes.js';

/** Of a kernel's memory: both kernels do the same, where there are both (Node 24 and later). */
export const ADDRESS_BITS: readonly (32 | 64)[] = WebAssembly.validate(KERNEL64_BYTES) ? [32, 64] : [32];
