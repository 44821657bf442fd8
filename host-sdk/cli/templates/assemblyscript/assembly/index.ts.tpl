import { inputText, outputText } from "./extism";

/** Input: a name. Output: a greeting. */
export function hello(): i32 {
  outputText("Hello, " + inputText() + "!");
  return 0;
}
