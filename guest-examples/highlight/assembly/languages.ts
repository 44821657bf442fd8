import { equals } from "./bytes";

/** What the scanner has to know of a language. Lists are words between single blanks, with one at either end. */
export class Language {
  keywords: string = " ";
  literals: string = " ";
  /** What starts a comment that ends with the line; empty for none. */
  lineComment: string = "";
  /** Slash-star comments, and whether one may hold another. */
  blockComments: bool = false;
  nestedComments: bool = false;
  /** The characters that may open a string. */
  quotes: string = '"';
  /** Characters besides letters, digits and `_` that a word may have. */
  wordExtra: string = "";
  /** Words that make the next word a definition's name. */
  definitions: string = " ";
  /** `name(` is a function, `Name` is a type. */
  names: bool = true;

  constructor(public kind: Kind) {}
}

export enum Kind { Js, Json, Rust, Python, Sh, Diff }

/** Name and aliases of each language; the first is the name. */
const NAMES = " js javascript mjs cjs jsx ts typescript tsx mts cts | json jsonc json5 | rust rs | python py | sh bash shell zsh console | diff patch ";

/** Whether a list of words has the word. */
export function has(list: string, from: usize, to: usize): bool {
  const size = <i32>(to - from);
  const data = changetype<usize>(list);
  const length = list.length;
  let start = 1;
  while (start < length) {
    let end = start;
    while (load<u16>(data + (end << 1)) != 32) end++;
    if (end - start == size) {
      let i = 0;
      while (i < size && <u16>load<u8>(from + i) == load<u16>(data + ((start + i) << 1))) i++;
      if (i == size) return true;
    }
    start = end + 1;
  }
  return false;
}

/** The number of the language that has this name or alias, in the order of {@link Kind}; -1 if none. */
function find(from: usize, to: usize): i32 {
  const groups = NAMES.split("|");
  for (let i = 0; i < groups.length; i++) if (has(groups[i], from, to)) return i;
  return -1;
}

/** The languages as JSON: `[["js","javascript",…],…]`. */
export function languagesJson(): string {
  const groups = NAMES.split("|");
  let json = "[";
  for (let i = 0; i < groups.length; i++) {
    json += (i ? ',["' : '["') + groups[i].trim().split(" ").join('","') + '"]';
  }
  return json + "]";
}

/** The language of a code block, by the name after its fence; null for one that is not known. */
export function languageOf(from: usize, to: usize): Language | null {
  if (to - from > 16 || equals(from, to, "|")) return null;
  const kind = find(from, to);
  if (kind < 0) return null;
  const it = new Language(<Kind>kind);
  switch (kind) {
    case Kind.Js: {
      it.keywords =
        " abstract any as asserts async await break case catch class const continue debugger declare default delete do else enum export extends finally for from function get if implements import in infer instanceof interface is keyof let namespace never new number object of override private protected public readonly return satisfies set static string super switch symbol this throw try type typeof unique unknown using var void while with yield boolean bigint ";
      it.literals = " true false null undefined NaN Infinity ";
      it.lineComment = "//";
      it.blockComments = true;
      it.quotes = "\"'`";
      it.wordExtra = "$";
      it.definitions = " function class interface enum type namespace ";
      break;
    }
    case Kind.Json: {
      it.literals = " true false null ";
      it.lineComment = "//";
      it.blockComments = true;
      it.names = false;
      break;
    }
    case Kind.Rust: {
      it.keywords =
        " as async await break const continue crate dyn else enum extern fn for if impl in let loop macro_rules match mod move mut pub ref return self static struct super trait type union unsafe use where while yield bool char str i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64 ";
      it.literals = " true false None Some Ok Err ";
      it.lineComment = "//";
      it.blockComments = true;
      it.nestedComments = true;
      it.definitions = " fn struct enum trait mod union type ";
      break;
    }
    case Kind.Python: {
      it.keywords =
        " and as assert async await break case class continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return try while with yield ";
      it.literals = " True False None self cls ";
      it.lineComment = "#";
      it.quotes = "\"'";
      it.definitions = " def class ";
      break;
    }
    case Kind.Sh: {
      it.keywords =
        " if then else elif fi for while until do done case esac in function select time return exit local export readonly declare set unset shift source alias eval exec trap echo printf cd read test ";
      it.literals = " true false ";
      it.lineComment = "#";
      it.quotes = "\"'";
      it.wordExtra = "-./+:@%,";
      it.names = false;
      break;
    }
  }
  return it;
}
