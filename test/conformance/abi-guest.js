import wabt from 'wabt';

const tools = await wabt();

/** @type {Readonly<Record<string, string>>} */
const TYPES = {
  alloc: '(param i64) (result i64)',
  free: '(param i64)',
  length: '(param i64) (result i64)',
  length_unsafe: '(param i64) (result i64)',
  load_u8: '(param i64) (result i32)',
  load_u64: '(param i64) (result i64)',
  store_u8: '(param i64 i32)',
  store_u64: '(param i64 i64)',
  input_offset: '(result i64)',
  input_length: '(result i64)',
  input_load_u8: '(param i64) (result i32)',
  input_load_u64: '(param i64) (result i64)',
  output_set: '(param i64 i64)',
  error_set: '(param i64)',
  error_get: '(result i64)',
  config_get: '(param i64) (result i64)',
  var_get: '(param i64) (result i64)',
  var_set: '(param i64 i64)',
  http_request: '(param i64 i64) (result i64)',
  http_status_code: '(result i32)',
  http_headers: '(result i64)',
  get_log_level: '(result i32)',
  log_trace: '(param i64)',
  log_debug: '(param i64)',
  log_info: '(param i64)',
  log_warn: '(param i64)',
  log_error: '(param i64)',
};

const HELPERS = `
  ;; A block with these bytes of memory.
  (func $block (param $at i32) (param $length i32) (result i64) (local $offset i64) (local $i i32)
    (local.set $offset (call $alloc (i64.extend_i32_u (local.get $length))))
    (block $end (loop $next
      (br_if $end (i32.ge_u (local.get $i) (local.get $length)))
      (call $store_u8 (i64.add (local.get $offset) (i64.extend_i32_u (local.get $i)))
        (i32.load8_u (i32.add (local.get $at) (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
    (local.get $offset))
  ;; A block as the output; nothing for offset 0.
  (func $give (param $offset i64) (result i32)
    (if (i64.ne (local.get $offset) (i64.const 0))
      (then (call $output_set (local.get $offset) (call $length (local.get $offset)))))
    (i32.const 0))
  ;; A number as the output.
  (func $number (param $value i64) (result i32) (local $offset i64)
    (local.set $offset (call $alloc (i64.const 8)))
    (call $store_u64 (local.get $offset) (local.get $value))
    (call $give (local.get $offset)))`;

/**
 * A guest with the functions of Extism's ABI by their names, `$block`, `$give` and `$number`, and host functions.
 * @param {string} body
 * @param {Readonly<Record<string, string>>} [userFunctions] names and types
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function guest(body, userFunctions = {}) {
  const text = `${HELPERS} ${body}`;
  const env = Object.entries(TYPES)
    .filter(([name]) => new RegExp(`\\$${name}\\b`).test(text))
    .map(([name, type]) => `(import "extism:host/env" "${name}" (func $${name} ${type}))`);
  const user = Object.entries(userFunctions).map(
    ([name, type]) => `(import "extism:host/user" "${name}" (func $${name} ${type}))`,
  );
  return assemble(`(module ${env.join('\n')} ${user.join('\n')} (memory (export "memory") 1) ${text})`);
}

/**
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function assemble(text) {
  const module = tools.parseWat('guest.wat', text);
  try {
    return new Uint8Array(module.toBinary({ write_debug_names: true }).buffer);
  } finally {
    module.destroy();
  }
}
