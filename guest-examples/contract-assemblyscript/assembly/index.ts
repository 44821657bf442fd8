// Every kind of thing that a plugin may do, a function each. The other `contract-` examples do the same in their
// languages.
import { config, decode, fail, getVar, giveText, input, inputText, Level, log, output, outputText, setVar, take } from "./extism";

@external("extism:host/user", "lookup")
declare function lookup(key: u64): u64;

/** The input, as it is. */
export function echo(): i32 {
  const bytes = input();
  output(changetype<usize>(bytes), bytes.length);
  return 0;
}

/** How many characters (not bytes) the input has: all bytes but those that continue a character. */
export function count_chars(): i32 {
  const bytes = input();
  let count = 0;
  for (let i = 0; i < bytes.length; i++) if ((bytes[i] & 0xc0) != 0x80) count++;
  outputText(count.toString());
  return 0;
}

/** Config: the greeting is the host's business. */
export function greet(): i32 {
  const greeting = config("greeting");
  outputText((greeting === null ? "Hello" : greeting) + ", " + inputText() + "!");
  return 0;
}

/** Vars: the host keeps them from call to call, even when the instance is replaced. */
export function count_calls(): i32 {
  const before = getVar("calls");
  const after = ((before === null ? 0 : U64.parseInt(decode(before))) + 1).toString();
  const bytes = new StaticArray<u8>(after.length);
  String.UTF8.encodeUnsafe(changetype<usize>(after), after.length, changetype<usize>(bytes));
  setVar("calls", bytes);
  outputText(after);
  return 0;
}

/** Logs the input. */
export function say(): i32 {
  log(Level.Info, inputText());
  return 0;
}

/** Asks the host. Nothing where the host knows nothing. */
export function look_up(): i32 {
  const answer = take(lookup(giveText(inputText())));
  if (answer !== null) outputText(decode(answer));
  return 0;
}

/** Reports an error; the instance stays usable. */
export function refuse(): i32 {
  return fail("refused: " + inputText());
}

/** Traps; the host throws the instance away. */
export function crash(): i32 {
  unreachable();
  return 0;
}
