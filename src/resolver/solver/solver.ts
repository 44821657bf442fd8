import type { Fact } from '../facts.js';
import { ChangeQueue } from './change-queue.js';
import { derive, type Incompatibility, incompatibility, type Term } from './incompatibility.js';
import { PartialSolution } from './partial-solution.js';
import type { Variable } from './variable.js';
import { conclude, handOver, watch } from './watch.js';

/**
 * Conflict-driven search after N. Weizenbaum, "PubGrub: Next-Generation Version Solving" (2018), over finite sets of
 * values. It knows nothing of plugins: who uses it adds facts when they become known, and says what to decide next.
 */
export class Solver {
  readonly solution = new PartialSolution();
  /** How often what was decided turned out to be impossible. */
  conflicts = 0;
  readonly #changed = new ChangeQueue();
  /** What became known and was not looked at yet, by a variable that watches it. */
  readonly #added = new Map<Variable, Incompatibility[]>();
  /**
   * What is true of one variable whatever else is decided, and was found out after decisions: the way back forgets it, and
   * it has to be followed again.
   */
  readonly #late: Incompatibility[] = [];
  readonly #onBacktrack: (level: number) => void;
  #contradiction: Incompatibility | undefined;

  constructor(onBacktrack: (level: number) => void) {
    this.#onBacktrack = onBacktrack;
  }

  /** Adds what is known. May be called at any time, also for a fact that what has been decided already violates. */
  add(terms: readonly Term[], fact: Fact): void {
    const added = incompatibility(terms, fact);
    if (added.terms.length === 0) this.#contradiction ??= added;
    else {
      watch(added);
      this.#enqueue(added);
    }
  }

  #enqueue(added: Incompatibility): void {
    const { variable } = added.terms[added.watches?.[0] ?? 0]!;
    const others = this.#added.get(variable);
    if (others === undefined) this.#added.set(variable, [added]);
    else others.push(added);
  }

  /** Adds a fact about one variable that nothing is known of yet; it survives every way back. */
  exclude({ variable, set }: Term, fact: Fact): void {
    const added = { terms: [{ variable, set }], cause: fact };
    watch(added);
    if ((variable.current & set) === 0n || (variable.current & set) === variable.current) {
      this.#changed.add(variable);
      return;
    }
    this.solution.derive(variable, variable.all & ~set, added, 0);
  }

  /** Looks again at what is known of a variable: going back forgets conclusions from facts that came late. */
  revisit(variable: Variable): void {
    this.#changed.add(variable);
  }

  decide(variable: Variable, value: number): void {
    this.solution.decide(variable, value);
    this.#changed.add(variable);
  }

  /**
   * Draws all conclusions, or those up to the next conflict, after which there {@link isMore}: going back may take long, and
   * who waits may have enough. Answers the incompatibility without terms where there is no solution.
   */
  propagate(): Incompatibility | undefined {
    if (this.#contradiction !== undefined) return this.#contradiction;
    const { conflicts } = this;
    while (this.conflicts === conflicts) {
      for (const [variable, added] of this.#added) {
        this.#added.delete(variable);
        for (let known = added.pop(); known !== undefined; known = added.pop()) {
          const failure = this.#follow(known);
          if (failure !== undefined) return failure;
        }
      }
      const changed = this.#changed.take();
      if (changed === undefined) return undefined;
      const failure = this.#propagate(changed);
      if (failure !== undefined) return failure;
    }
    return undefined;
  }

  /** Whether there are conclusions that were not drawn. */
  get isMore(): boolean {
    return this.#added.size > 0 || !this.#changed.isEmpty;
  }

  #propagate(variable: Variable): Incompatibility | undefined {
    const { watched } = variable;
    // The newest first: what was learned from a conflict prunes most.
    for (let i = watched.length - 1; i >= 0; i--) {
      const known = watched[i]!;
      if (handOver(known, variable)) {
        watched[i] = watched[watched.length - 1]!;
        watched.pop();
        continue;
      }
      const conflicts = this.conflicts;
      const failure = this.#follow(known);
      if (this.conflicts > conflicts) return failure;
    }
    return undefined;
  }

  /** Draws the conclusion from one incompatibility. Answers what says that there is no solution, if it shows that. */
  #follow(known: Incompatibility): Incompatibility | undefined {
    const conclusion = conclude(known);
    if (conclusion === 'conflict') return this.#goBack(known);
    if (conclusion === 'nothing') return undefined;
    this.#derive(conclusion, known);
    if (known.terms.length === 1 && this.solution.decisions.length > 0) this.#late.push(known);
    return undefined;
  }

  /** Answers what says that there is no solution, where the conflict shows that. */
  #goBack(conflict: Incompatibility): Incompatibility | undefined {
    const learned = this.#resolve(conflict);
    if (learned.terms.length === 0) return learned;
    this.#changed.clear();
    const unit = conclude(learned);
    if (typeof unit === 'object') this.#derive(unit, learned);
    for (const known of this.#late.splice(0)) this.#enqueue(known);
    return undefined;
  }

  #derive({ variable, set }: Term, cause: Incompatibility): void {
    this.solution.derive(variable, variable.all & ~set, cause);
    this.#changed.add(variable);
  }

  /** Finds out why all terms of `conflict` are true, and goes back to where that became inevitable. */
  #resolve(conflict: Incompatibility): Incompatibility {
    this.conflicts++;
    let learned = conflict;
    while (learned.terms.length > 0) {
      const { assignment, previousLevel } = this.solution.satisfier(learned);
      if (assignment.cause === undefined || previousLevel < assignment.level) {
        this.solution.backtrack(previousLevel);
        this.#onBacktrack(previousLevel);
        if (learned !== conflict) watch(learned);
        return learned;
      }
      learned = derive(learned, assignment.cause, assignment.variable);
    }
    return learned;
  }
}
