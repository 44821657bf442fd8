import type { CallOptions } from './call-options.js';
import type { Output } from './output.js';
import type { Plugin } from './plugin.js';

/**
 * Plugins whose types are known, by name: filled in by what `cordon types` writes, through declaration merging. Then
 * `host.load('@acme/markdown')`, `host.plugin(…)` and `host.call(…)` know the plugin's exports. Nothing is checked at run time: that
 * is what definitions are for.
 *
 * @example
 * declare module 'cordon' {
 *   interface KnownPlugins {
 *     '@acme/markdown': { render: { input: string; output: string } };
 *   }
 * }
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be merged with
export interface KnownPlugins {}

/** The name in `name` or `name@range`. */
export type NameIn<S> = S extends `@${infer Scope}/${infer Rest}`
  ? `@${Scope}/${BeforeAt<Rest>}`
  : BeforeAt<S>;
type BeforeAt<S> = S extends `${infer Name}@${string}` ? Name : S;

/** The handle that a spec gives: one with types where the plugin is known. */
export type PluginOf<S> =
  NameIn<S> extends keyof KnownPlugins ? KnownPlugin<KnownPlugins[NameIn<S>]> : Plugin;

/** Handles of several specs, in their order. */
export type PluginsOf<S extends readonly unknown[]> = { -readonly [I in keyof S]: PluginOf<S[I]> };

/** Exports of a plugin that can be named; any text where it is not known. */
export type KnownExport<N> = N extends keyof KnownPlugins ? keyof KnownPlugins[N] & string : string;
/** Input and options of a call; an input that was not described may be anything, or nothing. */
export type KnownArguments<N, F> = N extends keyof KnownPlugins
  ? CallArguments<KnownPlugins[N], F>
  : AnyArguments;
/** What a call by name gives. */
export type KnownResult<N, F> = N extends keyof KnownPlugins ? ResultOf<KnownPlugins[N], F> : Output;

type AnyArguments = [input?: unknown, options?: CallOptions];
type CallArguments<E, F> = F extends keyof E
  ? E[F] extends { readonly input: infer I }
    ? [input: I, options?: CallOptions]
    : AnyArguments
  : AnyArguments;
type ResultOf<E, F> = F extends keyof E
  ? E[F] extends { readonly output: infer O }
    ? KnownOutput<O>
    : Output
  : Output;

/** An {@link Output} whose JSON is known. Where the plugin answers with text or bytes, read those. */
export interface KnownOutput<T> extends Output {
  json<U = T>(): U;
}

/** A {@link Plugin} whose exports are known. */
export interface KnownPlugin<E> extends Plugin {
  call<F extends keyof E & string>(fn: F, ...rest: CallArguments<E, F>): Promise<ResultOf<E, F>>;
}
