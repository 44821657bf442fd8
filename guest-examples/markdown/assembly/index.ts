// Renders Markdown as HTML. Scans bytes, writes bytes, keeps nothing from call to call: see README.md.

import { Bytes, startsWith, valid } from "./bytes";
import { Document } from "./document";
import { config, input, output } from "./extism";
import { Highlighter } from "./highlighter";
import { Renderer } from "./renderer";
import { Scanner } from "./scanner";

/** Reads the input as a document. Everything of the last call goes at once: no object may live in a global. */
function open(): Renderer {
  heap.reset();
  const source = valid(input());
  const to = changetype<usize>(source) + source.length;
  const mark = startsWithByteOrderMark(source) ? 3 : 0;
  const document = new Document(changetype<usize>(source) + mark, to);
  const prefix = new Bytes();
  const asked = config("id_prefix");
  if (asked !== null) {
    const bytes = String.UTF8.encode(asked);
    prefix.append(changetype<usize>(bytes), changetype<usize>(bytes) + bytes.byteLength);
  }
  const highlight = config("highlight");
  const enabled = highlight === null || highlight != "off";
  const scanner = new Scanner(document.references);
  const capacity = source.length + (source.length >> 1) + 256;
  return new Renderer(document, scanner, prefix, new Highlighter(enabled), capacity);
}

function startsWithByteOrderMark(text: StaticArray<u8>): bool {
  return text.length >= 3 && text[0] == 0xef && text[1] == 0xbb && text[2] == 0xbf;
}

/** Input: Markdown. Output: HTML. */
export function render(): i32 {
  const renderer = open();
  renderer.html();
  output(renderer.out.at, renderer.out.length);
  return 0;
}

/** Input: Markdown. Output: its headings as JSON, `[{ "level", "text", "id" }]`. */
export function outline(): i32 {
  const renderer = open();
  renderer.outline();
  output(renderer.out.at, renderer.out.length);
  return 0;
}
