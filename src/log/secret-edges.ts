/** A shorter piece of a secret is found in many texts. */
const MIN_PIECE = 8;
/** How texts that were cut go on. */
const CUT = '…';
/** Of longer secrets the pieces are not looked for: what they would take is memory in proportion. */
const MAX_LENGTH = 4096;

/** Finds pieces of secrets: what is left where a text was cut in the midst of one, or where a line ends in it. */
export class SecretEdges {
  readonly #mask: string;
  /** Secrets by each eight characters in a row that they have, with the places where those begin. */
  readonly #places = new Map<string, { readonly secret: string; readonly at: number }[]>();

  constructor(secrets: Iterable<string>, mask: string) {
    this.#mask = mask;
    for (const secret of new Set(secrets)) {
      if (secret.length > MAX_LENGTH) continue;
      for (let at = 0; at + MIN_PIECE <= secret.length; at++) {
        const piece = secret.slice(at, at + MIN_PIECE);
        const places = this.#places.get(piece);
        if (places) places.push({ secret, at });
        else this.#places.set(piece, [{ secret, at }]);
      }
    }
  }

  /** With what stands before the mark of a cut masked. */
  atCuts(text: string): string {
    if (!text.includes(CUT)) return text;
    const parts = text.split(CUT);
    const last = parts.pop()!;
    return [...parts.map((part) => this.#withoutBeginning(part)), last].join(CUT);
  }

  /** With the end of a secret masked that the text begins with, and the beginning of one that it ends with. */
  atEnds(text: string): string {
    return this.#withoutBeginning(this.#withoutEnd(text));
  }

  /** Does it end with what a secret begins with? */
  #withoutBeginning(text: string): string {
    let longest = 0;
    for (const { secret, at } of this.#places.get(text.slice(-MIN_PIECE)) ?? []) {
      const length = at + MIN_PIECE;
      if (length > longest && text.endsWith(secret.slice(0, length))) longest = length;
    }
    return longest === 0 ? text : text.slice(0, -longest) + this.#mask;
  }

  /** Does it begin with what a secret ends with? */
  #withoutEnd(text: string): string {
    let longest = 0;
    for (const { secret, at } of this.#places.get(text.slice(0, MIN_PIECE)) ?? []) {
      const length = secret.length - at;
      if (length > longest && text.startsWith(secret.slice(at))) longest = length;
    }
    return longest === 0 ? text : this.#mask + text.slice(longest);
  }
}
