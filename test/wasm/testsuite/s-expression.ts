/** A node of a .wast script: an atom, a string literal as bytes, or a list with its place in the text. */
export type Node = string | Uint8Array | List;

export interface List {
  readonly items: Node[];
  readonly from: number;
  to: number;
}

/** Reads the top-level lists of a script. Comments are skipped; annotations are lists like any other. */
export function readScript(text: string): List[] {
  const top: List[] = [];
  const open: List[] = [];
  const add = (node: Node) => {
    const parent = open.at(-1);
    if (parent) parent.items.push(node);
    else if (typeof node === 'object' && !(node instanceof Uint8Array)) top.push(node);
  };
  let at = 0;
  while (at < text.length) {
    const char = text[at]!;
    if (text.startsWith(';;', at)) {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end + 1;
    } else if (text.startsWith('(;', at)) {
      at = skipComment(text, at);
    } else if (char === '(') {
      const list: List = { items: [], from: at, to: at };
      add(list);
      open.push(list);
      at++;
    } else if (char === ')') {
      at++;
      const list = open.pop();
      if (list === undefined) throw new Error(`a parenthesis too many at ${at}`);
      list.to = at;
    } else if (char === '"') {
      const { bytes, end } = readString(text, at);
      add(bytes);
      at = end;
    } else if (/\s/.test(char)) {
      at++;
    } else {
      const [atom] = /^[^\s()";]+|^;/.exec(text.slice(at, at + 400))!;
      add(atom);
      at += atom.length;
    }
  }
  return top;
}

function skipComment(text: string, from: number): number {
  let depth = 0;
  let at = from;
  do {
    if (text.startsWith('(;', at)) {
      depth++;
      at += 2;
    } else if (text.startsWith(';)', at)) {
      depth--;
      at += 2;
    } else at++;
  } while (depth > 0 && at < text.length);
  return at;
}

const ESCAPES: Record<string, number> = { n: 10, t: 9, r: 13, '"': 34, "'": 39, '\\': 92 };

function readString(text: string, from: number): { bytes: Uint8Array; end: number } {
  const bytes: number[] = [];
  let at = from + 1;
  while (text[at] !== '"') {
    if (text[at] !== '\\') {
      const char = String.fromCodePoint(text.codePointAt(at)!);
      bytes.push(...new TextEncoder().encode(char));
      at += char.length;
    } else if (text[at + 1] === 'u') {
      const end = text.indexOf('}', at);
      bytes.push(
        ...new TextEncoder().encode(String.fromCodePoint(Number.parseInt(text.slice(at + 3, end), 16))),
      );
      at = end + 1;
    } else if (ESCAPES[text[at + 1]!] !== undefined) {
      bytes.push(ESCAPES[text[at + 1]!]!);
      at += 2;
    } else {
      bytes.push(Number.parseInt(text.slice(at + 1, at + 3), 16));
      at += 3;
    }
  }
  return { bytes: Uint8Array.from(bytes), end: at + 1 };
}
