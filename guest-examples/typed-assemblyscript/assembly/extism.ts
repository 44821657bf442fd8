// Extism for AssemblyScript: the whole guest ABI. Copy this file into your plugin.
//
// Everything that crosses the border is a block: a piece of memory of the host, known by an offset. `take` brings a
// block in, `give` takes bytes out. A block lives until the call ends, or until somebody frees it; freeing twice does
// no harm, so what was given away is freed here as well: some hosts do it themselves, some do not.

@external("extism:host/env", "alloc") declare function alloc(length: u64): u64;
@external("extism:host/env", "free") declare function free(block: u64): void;
@external("extism:host/env", "length") declare function length(block: u64): u64;
@external("extism:host/env", "load_u8") declare function load_u8(offset: u64): u32;
@external("extism:host/env", "load_u64") declare function load_u64(offset: u64): u64;
@external("extism:host/env", "store_u8") declare function store_u8(offset: u64, byte: u32): void;
@external("extism:host/env", "store_u64") declare function store_u64(offset: u64, word: u64): void;
@external("extism:host/env", "input_length") declare function input_length(): u64;
@external("extism:host/env", "input_load_u8") declare function input_load_u8(offset: u64): u32;
@external("extism:host/env", "input_load_u64") declare function input_load_u64(offset: u64): u64;
@external("extism:host/env", "output_set") declare function output_set(block: u64, length: u64): void;
@external("extism:host/env", "error_set") declare function error_set(block: u64): void;
@external("extism:host/env", "config_get") declare function config_get(key: u64): u64;
@external("extism:host/env", "var_get") declare function var_get(key: u64): u64;
@external("extism:host/env", "var_set") declare function var_set(key: u64, value: u64): void;
@external("extism:host/env", "get_log_level") declare function get_log_level(): u32;
@external("extism:host/env", "log_trace") declare function log_trace(message: u64): void;
@external("extism:host/env", "log_debug") declare function log_debug(message: u64): void;
@external("extism:host/env", "log_info") declare function log_info(message: u64): void;
@external("extism:host/env", "log_warn") declare function log_warn(message: u64): void;
@external("extism:host/env", "log_error") declare function log_error(message: u64): void;
@external("extism:host/env", "http_request") declare function http_request(request: u64, body: u64): u64;
@external("extism:host/env", "http_status_code") declare function http_status_code(): i32;
@external("extism:host/env", "http_headers") declare function http_headers(): u64;

/** Copies a block into the guest's memory and frees it; null for offset 0, which is how a host says "nothing". */
export function take(block: u64): StaticArray<u8> | null {
  if (!block) return null;
  const size = <i32>length(block);
  const bytes = new StaticArray<u8>(size);
  const to = changetype<usize>(bytes);
  let i = 0;
  for (; i + 8 <= size; i += 8) store<u64>(to + i, load_u64(block + i));
  for (; i < size; i++) store<u8>(to + i, load_u8(block + i));
  free(block);
  return bytes;
}

/** Copies bytes into a new block of the host. @returns its offset; 0 if the host has no memory left for it */
export function give(from: usize, size: i32): u64 {
  const block = alloc(size);
  if (!block) return 0;
  let i = 0;
  for (; i + 8 <= size; i += 8) store_u64(block + i, load<u64>(from + i));
  for (; i < size; i++) store_u8(block + i, load<u8>(from + i));
  return block;
}

export function giveText(text: string): u64 {
  const bytes = String.UTF8.encode(text, false, String.UTF8.ErrorMode.REPLACE);
  return give(changetype<usize>(bytes), bytes.byteLength);
}

export function giveBack(block: u64): void {
  if (block) free(block);
}

export function decode(bytes: StaticArray<u8>): string {
  return String.UTF8.decodeUnsafe(changetype<usize>(bytes), bytes.length);
}

/** The input of this call. */
export function input(): StaticArray<u8> {
  const size = <i32>input_length();
  const bytes = new StaticArray<u8>(size);
  const to = changetype<usize>(bytes);
  let i = 0;
  for (; i + 8 <= size; i += 8) store<u64>(to + i, input_load_u64(i));
  for (; i < size; i++) store<u8>(to + i, input_load_u8(i));
  return bytes;
}

export function inputText(): string {
  return decode(input());
}

/** Sets the output of this call. An empty one is left unset, which reads as empty: offset 0 is no block. */
export function output(from: usize, size: i32): void {
  if (!size) return;
  const block = give(from, size);
  if (!block) throw new Error("the host has no memory left for an output of " + size.toString() + " bytes");
  output_set(block, size);
}

export function outputText(text: string): void {
  const bytes = String.UTF8.encode(text, false, String.UTF8.ErrorMode.REPLACE);
  output(changetype<usize>(bytes), bytes.byteLength);
}

/** Reports an error: `return fail("…")` from an export. The instance stays usable. @returns 1 */
export function fail(message: string): i32 {
  const block = giveText(message);
  if (block) error_set(block);
  return 1;
}

/** What `throw`, `assert` and failed checks of the runtime end in, by `--use abort=assembly/extism/abort`. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  const what = message === null ? "aborted" : message;
  const where = file === null ? "" : " (" + file + ":" + line.toString() + ":" + column.toString() + ")";
  fail(what + where);
  unreachable();
}

/** A value of the manifest's `config`, or null. */
export function config(key: string): string | null {
  const name = giveText(key);
  const value = take(config_get(name)); // read before `name` is freed: its place may hold the value by then
  giveBack(name);
  return value === null ? null : decode(value);
}

/** A var: state that the host keeps for this plugin from call to call. Null if it was never set. */
export function getVar(key: string): StaticArray<u8> | null {
  const name = giveText(key);
  const value = take(var_get(name));
  giveBack(name);
  return value;
}

/** Sets a var; null or an empty value removes it. The host bounds the sum of all (`limits.varBytes`). */
export function setVar(key: string, value: StaticArray<u8> | null): void {
  const name = giveText(key);
  const block = value === null || !value.length ? 0 : give(changetype<usize>(value), value.length);
  var_set(name, block);
  giveBack(block);
  giveBack(name);
}

export enum Level { Trace, Debug, Info, Warn, Error }

/** Whether the host wants messages of this level: ask before building a costly one. */
export function logs(level: Level): bool {
  return get_log_level() <= <u32>level; // unsigned: a host that wants none says 0xffffffff
}

export function log(level: Level, message: string): void {
  if (!logs(level)) return;
  const block = giveText(message);
  if (!block) return;
  switch (level) {
    case Level.Trace: { log_trace(block); break; }
    case Level.Debug: { log_debug(block); break; }
    case Level.Info: { log_info(block); break; }
    case Level.Warn: { log_warn(block); break; }
    default: log_error(block);
  }
  giveBack(block);
}

export class Response {
  constructor(
    /** 0 if there was no answer at all: refused, unreachable, timed out. */
    public status: i32,
    public body: StaticArray<u8>,
    /** A JSON object, names in lower case; null if the host does not tell. */
    public headers: StaticArray<u8> | null,
  ) {}
}

/** Makes an HTTP request. @param request JSON: `{ "url", "method", "headers" }` @param body null for none */
export function http(request: string, body: StaticArray<u8> | null = null): Response {
  const asked = giveText(request);
  const sent = body === null ? 0 : give(changetype<usize>(body), body.length);
  const answer = take(http_request(asked, sent));
  giveBack(sent);
  giveBack(asked);
  const headers = take(http_headers());
  return new Response(http_status_code(), answer === null ? new StaticArray<u8>(0) : answer, headers);
}
