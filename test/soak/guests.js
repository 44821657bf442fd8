// @ts-check
// The guests of the soak that are its own. Each tells the host function `takes_text` its input before it does anything
// else, so that the host knows how often a call was run, whatever became of it.
import { BLOCK, SPIN, wat } from '../hostile/corpus/guest.js';

const SEEN = '(call $takes_text (call $input_offset))';
const ECHO = '(call $output_set (call $input_offset) (call $input_length))';
/** @param {string} name @param {string} body */
const fn = (name, body) => `(func (export "${name}") (result i32) ${body} (i32.const 0))`;

/** @param {number} pages of memory at most */
const doing = (pages) =>
  wat(`(memory (export "memory") 1 ${pages}) ${BLOCK}
  ${fn('work', `${SEEN} ${ECHO}`)}
  ${fn('slow', `${SEEN} (call $wait) ${ECHO}`)}
  ${fn('grow', `${SEEN} (drop (memory.grow (i32.const 2))) ${ECHO}`)}
  ${fn('trap', `${SEEN} (unreachable)`)}
  ${fn('fail', `${SEEN} (call $error_set (call $input_offset)) (return (i32.const 1))`)}
  ${fn('spin', `${SEEN} ${SPIN}`)}
  ${fn('hog', `${SEEN} (loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) (unreachable)`)}
  ${fn('flood', `${SEEN} (loop $more (call $log_info (call $input_offset)) (br $more))`)}`);

/** Does its work, with little memory: what it grows by is soon all that it may have. */
export const worker = doing(8);
/** The same, for what ends a call in other ways. */
export const villain = doing(1000);

/** Counts its calls in a var, and answers with the number: 8 bytes, little endian. */
export const counter = wat(`(memory (export "memory") 1) (data (i32.const 0) "n") ${BLOCK}
  (func (export "count") (result i32) (local $var i64) (local $next i64)
    ${SEEN}
    (local.set $var (call $var_get (call $block (i32.const 0) (i32.const 1))))
    (local.set $next (call $alloc (i64.const 8)))
    (call $store_u64 (local.get $next) (i64.add (i64.const 1)
      (if (result i64) (i64.eqz (local.get $var)) (then (i64.const 0)) (else (call $load_u64 (local.get $var))))))
    (call $var_set (call $block (i32.const 0) (i32.const 1)) (local.get $next))
    (call $output_set (local.get $next) (i64.const 8))
    (i32.const 0))`);

/** Is called by others. */
export const service = wat(`(memory (export "memory") 1) ${BLOCK} ${fn('serve', ECHO)}`);

/** Answers with what `serve` of this plugin answers. @param {string} target */
export const client = (target) =>
  wat(`(memory (export "memory") 1) (data (i32.const 0) "${target}serve") ${BLOCK}
  (func (export "relay") (result i32) (local $answer i64)
    ${SEEN}
    (local.set $answer (call $plugin_call (call $block (i32.const 0) (i32.const ${target.length}))
      (call $block (i32.const ${target.length}) (i32.const 5)) (call $input_offset)))
    (if (i64.eqz (local.get $answer)) (then (return (i32.const 1))))
    (call $output_set (local.get $answer) (call $length (local.get $answer)))
    (i32.const 0))`);

/** Sends its input as a request, and answers with the body. */
export const fetcher = wat(`(memory (export "memory") 1) ${BLOCK}
  (func (export "fetch") (result i32) (local $body i64)
    ${SEEN}
    (local.set $body (call $http_request (call $input_offset) (i64.const 0)))
    (if (i64.eqz (local.get $body)) (then (return (i32.const 1))))
    (call $output_set (local.get $body) (call $length (local.get $body)))
    (i32.const 0))`);

/** Is a different module, of the same behaviour. @param {Uint8Array} wasm @param {number} variant 0 to 127 */
export const variantOf = (wasm, variant) => Uint8Array.of(...wasm, 0, 3, 1, 0x76, variant);
