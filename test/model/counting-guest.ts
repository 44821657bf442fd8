import { fn, guest } from '../fixtures/guests/guest.js';

const IMPORTS = `
  (import "extism:host/user" "ran" (func $ran (param i64)))
  (import "extism:host/user" "hold" (func $hold (param i64)))
  (import "extism:host/user" "plugin_call" (func $plugin_call (param i64 i64 i64) (result i64)))`;

/** Tells the host that it runs, then adds one to what it keeps: a byte in a var. */
const counted = (key: string) => `
  (call $ran (call $input_offset))
  (i32.store8 (i32.const 8) (i32.add (i32.const 1) (call $kept)))
  (call $var_set ${key} (call $block (i32.const 8) (i32.const 1)))`;

/** Of every plugin of the model. Each export says that it ran before anything else, and counts. */
export const countingGuest = guest(
  (text) => `
  (func $kept (result i32) (local $var i64)
    (local.set $var (call $var_get ${text('n')}))
    (if (result i32) (i64.eqz (local.get $var)) (then (i32.const 0)) (else (call $load_u8 (local.get $var)))))
  ${fn('count', `${counted(text('n'))} (call $reply_i32 (call $kept))`)}
  ${fn('fail', `${counted(text('n'))} (call $error_set (call $input_offset)) (return (i32.const 1))`)}
  ${fn('trap', `${counted(text('n'))} (unreachable)`)}
  ${fn('spin', `${counted(text('n'))} (loop $on (br $on))`)}
  ${fn('hold', `${counted(text('n'))} (call $hold (call $input_offset)) (call $reply_i32 (call $kept))`)}
  ${fn('relay', `(call $reply (call $plugin_call ${text('base')} ${text('count')} (call $input_offset)))`)}`,
  { imports: IMPORTS },
);
