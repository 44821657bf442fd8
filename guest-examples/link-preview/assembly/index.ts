// Fetches a page and tells what it is about: see README.md.

import { Bytes, startsWith, valid } from "./bytes";
import { toUtf8 } from "./charset";
import { fail, http, input, output, Response } from "./extism";
import { Json } from "./json";
import { Page } from "./page";
import { isWebUrl, resolve } from "./url";

const MAX_URL_BYTES = 2048;
const MAX_TITLE = 300;
const MAX_DESCRIPTION = 1000;

/** Input: a URL. Output: `{ "url", "title", "description", "image" }`; null for what the page does not tell. */
export function preview(): i32 {
  heap.reset(); // everything of the last call goes at once; no object may live in a global
  const url = trimmed(valid(input()));
  if (url.length > MAX_URL_BYTES) return fail("the URL has more than " + MAX_URL_BYTES.toString() + " bytes");
  if (!isWebUrl(url.at, url.end) || hasBlank(url)) return fail("the input must be an http or https URL");
  const response = fetch(url);
  if (!response.status) return fail(url.text() + " could not be fetched");
  if (response.status < 200 || response.status > 299) {
    return fail(url.text() + " answered with status " + response.status.toString());
  }
  const headers = response.headers;
  let type: Bytes | null = null;
  if (headers !== null) type = new Json(headers).stringMember("content-type");
  if (type !== null && !isHtml(type)) return fail(url.text() + " is no web page but " + type.text());
  write(url, toUtf8(response.body, type));
  return 0;
}

function fetch(url: Bytes): Response {
  const request = new Bytes();
  request.ascii('{"url":');
  request.json(url.at, url.end);
  request.ascii(',"method":"GET","headers":{"accept":"text/html,application/xhtml+xml","user-agent":"link-preview"}}');
  return http(request.text());
}

function isHtml(type: Bytes): bool {
  return startsWith(type.at, type.end, "text/html", true) || startsWith(type.at, type.end, "application/xhtml+xml", true);
}

/** Where to look, the best first. */
const TITLE = ["og:title", "twitter:title", "title"];
const DESCRIPTION = ["og:description", "twitter:description", "description"];
const IMAGE = ["og:image", "og:image:url", "og:image:secure_url", "twitter:image"];

function write(url: Bytes, html: StaticArray<u8>): void {
  const page = new Page(html, TITLE.concat(DESCRIPTION).concat(IMAGE));
  const out = new Bytes(512);
  out.ascii('{"url":');
  out.json(url.at, url.end);
  out.ascii(',"title":');
  orNull(out, page.first(TITLE, MAX_TITLE));
  out.ascii(',"description":');
  orNull(out, page.first(DESCRIPTION, MAX_DESCRIPTION));
  out.ascii(',"image":');
  const image = page.first(IMAGE, MAX_URL_BYTES);
  orNull(out, image === null ? null : resolve(url, image));
  out.push(125);
  output(out.at, out.length);
}

function orNull(out: Bytes, text: Bytes | null): void {
  if (text === null) out.ascii("null");
  else out.json(text.at, text.end);
}

function trimmed(text: StaticArray<u8>): Bytes {
  let from = changetype<usize>(text);
  let to = from + text.length;
  while (from < to && load<u8>(from) <= 32) from++;
  while (to > from && load<u8>(to - 1) <= 32) to--;
  const out = new Bytes(<i32>(to - from));
  out.append(from, to);
  return out;
}

function hasBlank(text: Bytes): bool {
  for (let p = text.at; p < text.end; p++) if (load<u8>(p) <= 32) return true;
  return false;
}
