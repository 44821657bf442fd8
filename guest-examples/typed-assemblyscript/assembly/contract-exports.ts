// Written by `cordon types --guest assemblyscript`. Do not edit: it is written anew.
import * as plugin from "./plugin";
import { JsonValue, JsonWriter, NextKindInput, Note, Problems, SummarizeOutput, parseJson, readAny, readInteger, readList, takeRefusal, writeAny, writeInteger, writeList } from "./contract";
import { fail, input, inputText, output, outputText } from "./extism";

/** Sums up a note and all that is under it */
function exportSummarize(): i32 {
  const problems = new Problems();
  const json = parseJson(inputText(), problems);
  if (problems.any) return fail("the input of summarize does not fit its contract: " + problems.text);
  const value = Note.read(json, "", problems);
  if (problems.any) return fail("the input of summarize does not fit its contract: " + problems.text);
  takeRefusal();
  const result = plugin.summarize(value);
  const refused = takeRefusal();
  if (refused !== null) return fail(refused);
  const out = new JsonWriter();
  SummarizeOutput.write(out, result);
  outputText(out.text);
  return 0;
}
export { exportSummarize as summarize };

/** The title of a note, as the host knows it */
function exportTitleOf(): i32 {
  const value = inputText();
  takeRefusal();
  const result = plugin.title_of(value);
  const refused = takeRefusal();
  if (refused !== null) return fail(refused);
  outputText(result);
  return 0;
}
export { exportTitleOf as title_of };

/** In capitals */
function exportShout(): i32 {
  const value = inputText();
  takeRefusal();
  const result = plugin.shout(value);
  const refused = takeRefusal();
  if (refused !== null) return fail(refused);
  outputText(result);
  return 0;
}
export { exportShout as shout };

/** Bytes from back to front */
function exportReverse(): i32 {
  const value = input();
  takeRefusal();
  const result = plugin.reverse(value);
  const refused = takeRefusal();
  if (refused !== null) return fail(refused);
  output(changetype<usize>(result), result.length);
  return 0;
}
export { exportReverse as reverse };

/** The other kind */
function exportNextKind(): i32 {
  const problems = new Problems();
  const json = JsonValue.ofText(inputText());
  const value = NextKindInput.read(json, "", problems);
  if (problems.any) return fail("the input of next_kind does not fit its contract: " + problems.text);
  takeRefusal();
  const result = plugin.next_kind(value);
  const refused = takeRefusal();
  if (refused !== null) return fail(refused);
  outputText(result);
  return 0;
}
export { exportNextKind as next_kind };

/** A list from back to front, of any values */
function exportSwap(): i32 {
  const problems = new Problems();
  const json = parseJson(inputText(), problems);
  if (problems.any) return fail("the input of swap does not fit its contract: " + problems.text);
  const value = readList<JsonValue>(json, "", problems, readAny);
  if (problems.any) return fail("the input of swap does not fit its contract: " + problems.text);
  takeRefusal();
  const result = plugin.swap(value);
  const refused = takeRefusal();
  if (refused !== null) return fail(refused);
  const out = new JsonWriter();
  writeList<JsonValue>(out, result, writeAny);
  outputText(out.text);
  return 0;
}
export { exportSwap as swap };

/** A sum, as the host adds */
function exportAdd(): i32 {
  const problems = new Problems();
  const json = parseJson(inputText(), problems);
  if (problems.any) return fail("the input of add does not fit its contract: " + problems.text);
  const value = readList<i64>(json, "", problems, readInteger);
  if (problems.any) return fail("the input of add does not fit its contract: " + problems.text);
  takeRefusal();
  const result = plugin.add(value);
  const refused = takeRefusal();
  if (refused !== null) return fail(refused);
  const out = new JsonWriter();
  writeInteger(out, result);
  outputText(out.text);
  return 0;
}
export { exportAdd as add };

/** Reports an error */
function exportRefuse(): i32 {
  const value = input();
  takeRefusal();
  const result = plugin.refuse(value);
  const refused = takeRefusal();
  if (refused !== null) return fail(refused);
  output(changetype<usize>(result), result.length);
  return 0;
}
export { exportRefuse as refuse };
