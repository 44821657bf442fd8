// Counts vowels, and remembers how many there were: see README.md.

import { config, fail, getVar, inputText, Level, log, outputText, setVar } from "./extism";
import { quote } from "./json";

/** Used where the manifest's `config` has no `vowels`. */
const VOWELS = "aeiouAEIOU";

/** The var that holds the sum of all calls so far: 8 bytes, the lowest first. */
const TOTAL = "total";

/** Input: text. Output: `{ "count", "total", "vowels" }`. */
export function count_vowels(): i32 {
  const asked = config("vowels");
  const vowels = asked === null ? VOWELS : asked;
  if (vowels.length == 0) return fail('config "vowels" must not be empty');
  const text = inputText();
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text.codePointAt(i);
    if (character > 0xffff) i++; // two units in AssemblyScript's UTF-16
    if (contains(vowels, character)) count++;
  }
  const total = readTotal() + count;
  writeTotal(total);
  log(Level.Debug, "counted " + count.toString() + " vowels, " + total.toString() + " in total");
  outputText('{"count":' + count.toString() + ',"total":' + total.toString() + ',"vowels":' + quote(vowels) + "}");
  return 0;
}

/** Forgets the total. */
export function reset(): i32 {
  setVar(TOTAL, null);
  return 0;
}

function contains(vowels: string, character: i32): bool {
  for (let i = 0; i < vowels.length; i++) {
    const vowel = vowels.codePointAt(i);
    if (vowel > 0xffff) i++;
    if (vowel == character) return true;
  }
  return false;
}

function readTotal(): u64 {
  const bytes = getVar(TOTAL);
  if (bytes === null) return 0;
  if (bytes.length != 8) {
    log(Level.Warn, 'var "total" has ' + bytes.length.toString() + " bytes instead of 8; starting over");
    return 0;
  }
  return load<u64>(changetype<usize>(bytes));
}

function writeTotal(total: u64): void {
  const bytes = new StaticArray<u8>(8);
  store<u64>(changetype<usize>(bytes), total);
  setVar(TOTAL, bytes);
}
