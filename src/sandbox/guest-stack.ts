import { cutText } from '../log/cut-text.js';
import { escapeControl } from '../log/escape-control.js';
import { METER_MODULE } from '../wasm/reserved-names.js';
import { COROUTINE_FRAME } from './coroutine-module.js';

const MAX_FRAMES = 20;
const MAX_NAME_BYTES = 256;
const FRAME = /^ +at (?:(.*) \()?wasm:\/\/.*:wasm-function\[(\d+)\]:0x[0-9a-f]+\)?$/s;

/**
 * The frames of an error's stack that lie in the guest, at most 20, the innermost first: `name (function 7)`, or
 * `function 7` where the module has no name for it. Numbers are those of the module as its author built it. Offsets
 * are left out: the code that runs is the rewritten one, whose bytes lie elsewhere. Frames of the host are left out.
 * @param modules what was instantiated; of several, no frame says in which it is, so that numbers are left out
 */
export function guestStack(error: unknown, modules: readonly WebAssembly.Module[]): readonly string[] {
  const stack = error instanceof Error && typeof error.stack === 'string' ? error.stack : '';
  const [only] = modules;
  const hooks = modules.length === 1 && only ? hooksOf(only) : undefined;
  return stack
    .split('\n')
    .flatMap((line) => {
      const [, name, index] = FRAME.exec(line) ?? [];
      if (index === undefined || name === COROUTINE_FRAME) return [];
      const number = hooks && authorsNumber(Number(index), hooks);
      const place = number === undefined ? 'function' : `function ${number}`;
      return [name ? `${escapeControl(cutText(name, MAX_NAME_BYTES))} (${place})` : place];
    })
    .slice(0, MAX_FRAMES);
}

/** What the binary pass imports, which moves the numbers of the module's own functions. */
interface Hooks {
  readonly imported: number;
  readonly added: number;
}

const known = new WeakMap<WebAssembly.Module, Hooks>();

function hooksOf(module: WebAssembly.Module): Hooks {
  const before = known.get(module);
  if (before) return before;
  const functions = WebAssembly.Module.imports(module).filter(({ kind }) => kind === 'function');
  const added = functions.filter((one) => one.module === METER_MODULE).length;
  const hooks = { imported: functions.length - added, added };
  known.set(module, hooks);
  return hooks;
}

/** Frames are always of the module's own functions, never of imports. */
function authorsNumber(index: number, { imported, added }: Hooks): number {
  return index < imported ? index : index - added;
}
