import { EventEmitter } from 'eventemitter3';

/** Told about a listener that threw or rejected, and for which event. Must not emit that event again. */
export type ListenerErrorHandler = (error: unknown, event: string | symbol) => void;

/** Makes of a payload what listeners may see. */
export type PayloadHandler = (payload: unknown) => unknown;

type AnyListener = (...args: unknown[]) => unknown;

/**
 * An eventemitter3 whose listeners cannot harm the one who emits, nor each other: one that throws, or returns a promise
 * that rejects, is reported to `onListenerError` and the others still run. Payloads are frozen (the object itself; what is
 * in it is the business of who made it), so no listener can change what the next one sees.
 *
 * Emitting without a listener costs one look into a table. A caller that would have to build a payload asks
 * `listenerCount(event)` first.
 */
export class SafeEmitter<Events extends object> extends EventEmitter<Events> {
  // One guard for each pair of listener and event, so that `off` finds what `on` added.
  readonly #guards = new WeakMap<AnyListener, Map<PropertyKey, AnyListener>>();
  readonly #originals = new WeakMap<AnyListener, AnyListener>();
  readonly #onListenerError: ListenerErrorHandler;
  readonly #prepare: PayloadHandler | undefined;

  constructor(onListenerError: ListenerErrorHandler, prepare?: PayloadHandler) {
    super();
    this.#prepare = prepare;
    this.#onListenerError = onListenerError;
  }

  override emit<T extends EventEmitter.EventNames<Events>>(
    event: T,
    ...args: EventEmitter.EventArgs<Events, T>
  ): boolean {
    if (this.listenerCount(event) === 0) return false;
    const prepared = this.#prepare ? (args as readonly unknown[]).map(this.#prepare) : args;
    for (const payload of prepared as readonly unknown[]) Object.freeze(payload);
    return super.emit(event, ...(prepared as typeof args));
  }

  override on<T extends EventEmitter.EventNames<Events>>(
    event: T,
    fn: EventEmitter.EventListener<Events, T>,
    context?: unknown,
  ): this {
    return super.on(event, this.#guard(event, fn), context);
  }

  override addListener<T extends EventEmitter.EventNames<Events>>(
    event: T,
    fn: EventEmitter.EventListener<Events, T>,
    context?: unknown,
  ): this {
    return this.on(event, fn, context);
  }

  override once<T extends EventEmitter.EventNames<Events>>(
    event: T,
    fn: EventEmitter.EventListener<Events, T>,
    context?: unknown,
  ): this {
    return super.once(event, this.#guard(event, fn), context);
  }

  // eventemitter3 calls this by itself for `once`, with the guard: one that is unknown stands for itself.
  override removeListener<T extends EventEmitter.EventNames<Events>>(
    event: T,
    fn?: EventEmitter.EventListener<Events, T>,
    context?: unknown,
    once?: boolean,
  ): this {
    const guard = fn && this.#guards.get(fn as AnyListener)?.get(event as PropertyKey);
    return super.removeListener(event, (guard ?? fn) as typeof fn, context, once);
  }

  override off<T extends EventEmitter.EventNames<Events>>(
    event: T,
    fn?: EventEmitter.EventListener<Events, T>,
    context?: unknown,
    once?: boolean,
  ): this {
    return this.removeListener(event, fn, context, once);
  }

  /** The listeners as they were given to `on`. */
  override listeners<T extends EventEmitter.EventNames<Events>>(
    event: T,
  ): Array<EventEmitter.EventListener<Events, T>> {
    return super.listeners(event).map((fn) => (this.#originals.get(fn as AnyListener) ?? fn) as typeof fn);
  }

  #guard<F>(event: unknown, fn: F): F {
    if (typeof fn !== 'function') return fn; // eventemitter3 has the better message
    const listener = fn as unknown as AnyListener;
    const name = event as string | symbol;
    const byEvent = this.#guards.get(listener) ?? new Map<PropertyKey, AnyListener>();
    this.#guards.set(listener, byEvent);
    let guard = byEvent.get(name);
    if (!guard) {
      const report = (error: unknown) => this.#report(error, name);
      guard = function (this: unknown, ...args: unknown[]): void {
        try {
          const result = listener.apply(this, args);
          if (isThenable(result)) Promise.resolve(result).then(undefined, report);
        } catch (error) {
          report(error);
        }
      };
      byEvent.set(name, guard);
      this.#originals.set(guard, listener);
    }
    return guard as unknown as F;
  }

  #report(error: unknown, event: string | symbol): void {
    try {
      this.#onListenerError(error, event);
    } catch (second) {
      // The handler itself failed: nobody is left to tell but the process, and that must not end it.
      process.emitWarning(
        `Cordon: the handler of listener errors failed for "${String(event)}": ${describe(second)}`,
      );
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function describe(error: unknown): string {
  try {
    return String(error);
  } catch {
    return 'an error that has no text';
  }
}
