/** The words of a name: `@acme/note-store`, `noteTitle` and `note_title` have several. */
function words(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean)
    .map((word) => word.toLowerCase());
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** `noteTitle`; begins with a letter, whatever the name is. */
export function camelCase(name: string): string {
  const [first = 'value', ...rest] = words(name);
  return withLetter([first, ...rest.map(capital)].join(''), 'n');
}

/** `NoteTitle` */
export function pascalCase(name: string): string {
  return withLetter(words(name).map(capital).join('') || 'Value', 'N');
}

/** `note_title` */
export function snakeCase(name: string): string {
  return withLetter(words(name).join('_') || 'value', 'n_');
}

function withLetter(text: string, letter: string): string {
  return /^[0-9]/.test(text) ? letter + text : text;
}

/** Hands out each identifier once: the second that would be the same gets a number. */
export class Identifiers {
  readonly #taken: Set<string>;

  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken);
  }

  take(wanted: string): string {
    let name = wanted;
    for (let number = 2; this.#taken.has(name); number++) name = `${wanted}${number}`;
    this.#taken.add(name);
    return name;
  }

  /** One that was not used after all. */
  release(name: string): void {
    this.#taken.delete(name);
  }
}
