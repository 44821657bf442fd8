/** How a value crosses between a guest and a host function. The first three are offsets of blocks to the guest. */
export type HostValueType = 'text' | 'bytes' | 'json' | 'i32' | 'i64' | 'f32' | 'f64';
