import { compileCoroutine } from './coroutine-module.js';
import { whenResolved } from './when-resolved.js';

/** What a guest exports and its host calls. */
type Exported = CallableFunction;

/** Who is told how a run on a coroutine ended, once for each. Must not throw. */
export interface CoroutineListener {
  returned(result: unknown): void;
  /** It trapped, or threw. */
  threw(error: unknown): void;
}

/** Of this thread; one instance serves all coroutines. */
interface Entry {
  /** Settles when the coroutine has ended: it was told to, or its guest trapped. */
  run(self: Coroutine, guest: Exported | null): Promise<void>;
  fits(guest: Exported): 0 | 1;
}

let entry: Entry | undefined;

function openEntry(): Entry {
  const next = new WebAssembly.Suspending!((self: unknown, result: unknown) =>
    (self as Coroutine).park(result as number),
  );
  const { exports } = new WebAssembly.Instance(compileCoroutine(), { host: { next: next as never } });
  return {
    run: WebAssembly.promising!(exports.run as never) as unknown as Entry['run'],
    fits: exports.fits as Entry['fits'],
  };
}

/**
 * A stack of its own on which guests run, one after the other, and can be suspended. V8 keeps the stacks of at most four that
 * have ended, so that thousands that come and go have each of them mapped and unmapped again: 10 to 15 µs a call (measured,
 * Node 24 and 26). A coroutine does not end with its guest: it is parked until the next one comes.
 */
export class Coroutine {
  #resume: ((guest: Exported | null) => void) | undefined;
  #listener: CoroutineListener | undefined;

  /** Does it have a stack, though no guest? */
  get isParked(): boolean {
    return this.#resume !== undefined;
  }

  /**
   * Calls what a guest exports, and tells how that ended: at once where the guest ends before it waits for anything on a stack that is
   * new. Where it traps or throws, the stack is gone. Never throws.
   */
  run(guest: Exported, listener: CoroutineListener): void {
    try {
      this.#enter(guest, listener);
    } catch (error) {
      // V8 cannot enter it by a promise: it returns a vector, or what else JavaScript has no value for.
      listener.threw(error);
    }
  }

  #enter(guest: Exported, listener: CoroutineListener): void {
    entry ??= openEntry();
    // V8 enters functions of any type by itself. Those that guests export for their host are of one of two.
    if (entry.fits(guest) === 0) {
      this.end();
      WebAssembly.promising!(guest as never)().then(
        (result: unknown) => listener.returned(result),
        (error: unknown) => listener.threw(error),
      );
      return;
    }
    this.#listener = listener;
    if (this.#resume) this.#goOn(guest);
    else entry.run(this, guest).catch((error: unknown) => this.#ended()?.threw(error));
  }

  /** V8 keeps stacks that have ended until it needs the next one: now it does, and what is too much goes. */
  static trim(): void {
    void entry?.run(new Coroutine(), null);
  }

  /** Gives its stack back. */
  end(): void {
    if (this.#resume) this.#goOn(null);
  }

  /** Its guest has returned. What this promises is the next one, or null to end. */
  park(result: number): Promise<Exported | null> {
    const { promise, resolve } = whenResolved<Exported | null>();
    this.#resume = resolve;
    this.#ended()?.returned(result);
    return promise;
  }

  #ended(): CoroutineListener | undefined {
    const listener = this.#listener;
    this.#listener = undefined;
    return listener;
  }

  #goOn(guest: Exported | null): void {
    const resume = this.#resume!;
    this.#resume = undefined;
    resume(guest);
  }
}
