// Paints source code as HTML. Scans bytes, writes bytes, keeps nothing: see README.md.

import { valid } from "./bytes";
import { Cursor } from "./cursor";
import { paintDiff } from "./diff";
import { fail, input, output, outputText } from "./extism";
import { Json } from "./json";
import { Kind, Language, languageOf, languagesJson } from "./languages";
import { Painter } from "./painter";
import { Scanner } from "./scanner";

/** Input: `{ "lang": "js", "code": "…" }`. Output: HTML; for a language that is not known, just escaped. */
export function highlight(): i32 {
  heap.reset(); // everything of the last call goes at once; no object may live in a global
  const json = new Json(valid(input()));
  const code = json.stringMember("code");
  if (code === null) {
    const error = json.error;
    const why = error === null ? '"code" must be a string' : error;
    return fail('the input must be JSON like {"lang":"js","code":"…"}: ' + why);
  }
  const painter = new Painter(code.at, code.end);
  const lang = json.stringMember("lang");
  let language: Language | null = null;
  if (lang !== null) language = languageOf(lang.at, lang.end);
  if (language !== null) {
    if (language.kind == Kind.Diff) paintDiff(painter, code.at, code.end);
    else new Scanner(new Cursor(language, painter, code.at, code.end)).run();
  }
  painter.finish(code.end);
  output(painter.out.at, painter.out.length);
  return 0;
}

/** Output: JSON, a list for each language with its name first and its aliases after it. */
export function languages(): i32 {
  heap.reset();
  outputText(languagesJson());
  return 0;
}
