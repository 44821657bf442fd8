/**
 * Types of the WebAssembly API, for declarations that users' compilers read: whether they know of the namespace depends
 * on their `lib`, and without it these are `unknown`.
 */
type Api = typeof globalThis extends { readonly WebAssembly: infer A } ? A : unknown;

/** A compiled module. */
export type CompiledModule = Api extends { readonly Module: { readonly prototype: infer M } } ? M : unknown;
/** A linear memory. */
export type LinearMemory = Api extends { readonly Memory: { readonly prototype: infer M } } ? M : unknown;
