import { compileCoroutine } from './coroutine-module.js';

/** What a guest exports and its host calls. */
type Exported = CallableFunction;

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
  #resolve: (result: unknown) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  /** Does it have a stack, though no guest? */
  get isParked(): boolean {
    return this.#resume !== undefined;
  }

  /** Calls what a guest exports. Rejects where that traps or throws, and the stack is gone then. Never throws. */
  run(guest: Exported): Promise<unknown> {
    try {
      return this.#enter(guest);
    } catch (error) {
      // V8 cannot enter it by a promise: it returns a vector, or what else JavaScript has no value for.
      return Promise.reject(error);
    }
  }

  #enter(guest: Exported): Promise<unknown> {
    entry ??= openEntry();
    // V8 enters functions of any type by itself. Those that guests export for their host are of one of two.
    if (entry.fits(guest) === 0) {
      this.end();
      return WebAssembly.promising!(guest as never)();
    }
    const result = new Promise<unknown>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (this.#resume) this.#goOn(guest);
    else entry.run(this, guest).catch((error: unknown) => this.#reject(error));
    return result;
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
    this.#resolve(result);
    return new Promise((resume) => {
      this.#resume = resume;
    });
  }

  #goOn(guest: Exported | null): void {
    const resume = this.#resume!;
    this.#resume = undefined;
    resume(guest);
  }
}
