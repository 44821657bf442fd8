import { linkable } from '../kernel/kernel.js';
import { quote } from '../log/quote.js';
import type { GuestContext } from './guest-context.js';
import type { SharedBudget } from './shared-budget.js';
import { createWasi, type Wasi } from './wasi/create-wasi.js';
import { fixedWasi } from './wasi/fixed.js';

/** Where the rewrite points a module's WASI imports. */
export const WASI_NAMESPACE = 'cordon:wasi';

/** What WASI needs of the thread. */
export interface GuestThread {
  readonly files: SharedBudget | undefined;
  /** Blocks for so long, within the run's deadline; false as soon as the run has to stop. */
  sleep(ms: number): boolean;
}

/** Cordon's own WASI for one guest: what was granted, its output as log lines, its exit as the end of the run. */
export function guestWasi(guest: GuestContext, thread: GuestThread): Wasi {
  const { spec } = guest;
  const { env, mounts, scratch, fixed, audit, output } = spec.wasi!;
  const line = (level: 'info' | 'warn', stream: 'stdout' | 'stderr') => (text: string) => {
    if (output === 'drop') return;
    if (text.length > spec.limits.logBytesPerCall - guest.state.logBytes) guest.dropLogLine(text.length);
    else guest.log(level, text, output && stream);
  };
  const wasi = createWasi({
    env,
    mounts,
    scratch,
    limits: spec.limits,
    ...(audit && {
      onMountUse: (path, access) => void guest.ask({ kind: 'audit', what: 'fs', path, access }),
      onEnvironUse: () => void guest.ask({ kind: 'audit', what: 'env' }),
    }),
    ...(thread.files && { files: thread.files }),
    stdout: line('info', 'stdout'),
    stderr: line('warn', 'stderr'),
    ...fixedWasi(fixed ?? {}, (ms) => thread.sleep(ms)),
    violation: ({ kind, message, detail, denial }) => {
      if (denial) deny(guest, message, detail);
      guest.report(kind, message, detail);
    },
    trap: (reason) => {
      if (reason.kind === 'violation') {
        const { violation, message, detail } = reason;
        return guest.stopFor(violation, { code: 'ERR_PERMISSION', message, details: detail });
      }
      if (reason.kind === 'exit') guest.exit(reason.code);
      return guest.kernel.trap();
    },
  });
  for (const fn of Object.values(wasi.imports)) linkable(fn);
  return wasi;
}

/** The guest got an error number and goes on; its caller is told, with the first denial of the run. */
function deny({ spec, state }: GuestContext, message: string, details: Record<string, unknown>): void {
  const where = `${quote(state.fn)} of ${spec.plugin}@${spec.version}`;
  state.denied ??= {
    code: 'ERR_PERMISSION',
    message: `${where} was refused: ${message}.`,
    details,
  };
}
