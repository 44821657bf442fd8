// @ts-check
import { deep, diamonds, ecosystem } from '../../resolver/generated.js';

/** @typedef {import('../../resolver/generated.js').Generated} Generated */

const shape = { plugins: 1000, dependencies: 10, lag: 0, seed: 1 };
const varied = { ...shape, isVaried: true };
const EASY = '1 000 plugins × 30 versions, 10 dependencies each';

/** @param {Generated} universe @returns {Generated} */
const unlocked = ({ locked: _, ...rest }) => rest;

/**
 * What is measured, by its title.
 * @type {Readonly<Record<string, () => Generated>>}
 */
export const UNIVERSES = {
  [`${EASY}, all with the same versions`]: () => unlocked(ecosystem(shape)),
  [EASY]: () => unlocked(ecosystem(varied)),
  '… 1 % of ranges a major behind': () => unlocked(ecosystem({ ...varied, lag: 0.01 })),
  '… 5 % of ranges a major behind': () => unlocked(ecosystem({ ...varied, lag: 0.05 })),
  '… an old version of each is locked': () => ecosystem({ ...varied, lag: 0.01 }),
  '… nothing fits, with the explanation': () => unlocked(ecosystem({ ...varied, isBroken: true })),
  'deep backtracking, 20 × 10': () => deep(20, 10),
  'deep backtracking, 100 × 30': () => deep(100, 30),
  'deep backtracking, 200 × 30': () => deep(200, 30),
  'wide diamonds, 5 × 6 × 8': () => diamonds(5, 6, 8),
  'wide diamonds, 10 × 10 × 10': () => diamonds(10, 10, 10),
  'wide diamonds, 20 × 20 × 20': () => diamonds(20, 20, 20),
};
