import type { Fact } from '../facts.js';
import type { Step, Subject } from './explanation.js';

/** An explanation as data, the conclusion at the root. */
export interface ExplanationNode {
  /** The line of the text. */
  readonly line: number;
  readonly text: string;
  /** What it is, where it is no conclusion. */
  readonly fact?: Fact;
  /** The plugins and versions that a fact is about. */
  readonly about?: readonly Subject[];
  /** Absent where the same line has been taken apart elsewhere in the tree. */
  readonly because?: readonly ExplanationNode[];
}

/** The steps as a tree that is no larger than the list of them. */
export function explanationTree(steps: readonly Step[]): ExplanationNode {
  const shown = new Set<number>();
  const node = (line: number): ExplanationNode => {
    const { text, fact, about = [], because } = steps[line - 1]!;
    if (fact !== undefined) return { line, text, fact, about };
    if (shown.has(line)) return { line, text };
    shown.add(line);
    return { line, text, because: because.map(node) };
  };
  return node(steps.length);
}
