import { quoted, refusePath } from './fault.js';
import type { Folder } from './file-tree.js';
import type { GuestPath } from './paths.js';

/**
 * Walks `path` from `base` and hands the directory and the last name to `use`; the name is undefined where the path
 * means the directory itself (`.`, `a/..`). Each step opens a directory relative to the one before, so that what was
 * checked is what is used; `..` goes back to the handle that was left, never to the file system's own `..`, and never
 * above `base`. The handles are closed when `use` returns.
 */
export function walk<Result>(
  base: Folder,
  path: GuestPath,
  use: (folder: Folder, name: string | undefined) => Result,
): Result {
  const goesBack = path.components.includes('..');
  const entered: Folder[] = [];
  try {
    let folder = base;
    for (const [index, component] of path.components.entries()) {
      if (component === '..') {
        const left = entered.pop();
        if (left === undefined) {
          throw refusePath('NOTCAPABLE', 'escape', `The path ${quoted(path.text)} leaves its directory`);
        }
        left.close();
        folder = entered.at(-1) ?? base;
      } else if (index === path.components.length - 1) {
        return use(folder, component);
      } else {
        const next = folder.folder(component);
        if (!goesBack) entered.pop()?.close();
        entered.push(next);
        folder = next;
      }
    }
    return use(folder, undefined);
  } finally {
    for (const folder of entered) folder.close();
  }
}
