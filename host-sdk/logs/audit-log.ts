import { z } from 'zod';
import { cordonError } from '../../src/errors/cordon-error.js';
import type { Limits } from '../../src/manifest/limits.js';
import { parseOptions } from '../../src/manifest/parse-options.js';
import { passThrough, strictObject } from '../../src/manifest/schema-parts.js';
import { sizeSchema } from '../../src/manifest/size.js';
import { VERSION } from '../../src/runtime/version.js';
import type { HostEvents } from '../events.js';
import { Host } from '../host.js';
import type { PluginInfo } from '../reports.js';
import { fileOptions } from './file-options.js';
import { jsonLine } from './json-line.js';
import { RotatingFile } from './rotating-file.js';

const QUEUE = 'a size from 1024 bytes, such as "8MiB"';

const auditLogSchema = strictObject(
  {
    ...fileOptions,
    /** Calls too: one line for each. Default `false`. */
    calls: z.boolean({ error: 'true or false' }).default(false),
    /** Lines that wait for the disk; what is beyond is dropped and counted. From 1024; default 8 MiB. */
    maxQueuedBytes: sizeSchema(QUEUE)
      .refine((bytes) => bytes >= 1024, { error: QUEUE })
      .default(8 * 1024 * 1024),
    /** Told when the disk refuses a line, once until it works again. Default: the process warning `CordonAuditLog`. */
    onError: passThrough<(error: Error) => void>(
      (value) => typeof value === 'function',
      'a function',
    ).optional(),
  },
  'an object { path, maxFileBytes, maxFiles, calls, maxQueuedBytes, onError }',
).readonly();

/** Options of {@link auditLog}. */
export type AuditLogOptions = z.input<typeof auditLogSchema>;

/** A running audit log. It ends with its host. */
export interface AuditLog extends AsyncDisposable {
  /** Lines that were lost, because the disk was too slow or refused. */
  readonly dropped: number;
  /** Resolves when all that happened so far is written. */
  flush(): Promise<void>;
  /** Writes what is left, and listens no more. `host.close()` does it too, and waits for it. */
  close(): Promise<void>;
}

/**
 * Writes what a host decides into a file, one line of JSON each: transitions of plugins, what they were granted and refused,
 * violations, reloads, restarts, warnings; with `calls` also calls. Secrets of configs are masked; control characters are
 * escaped. It does not prove that nobody has changed the file, and does not wait for the disk to have stored a line.
 *
 * @example
 * const audit = await auditLog(host, { path: 'logs/audit.jsonl', maxFileBytes: '10MiB', maxFiles: 5 });
 * @throws `ERR_OPTIONS` for wrong options, and where the file cannot be written; `ERR_CLOSED` for a host that was closed
 */
export async function auditLog(host: Host, options: AuditLogOptions): Promise<AuditLog> {
  if (!(host instanceof Host)) {
    throw cordonError('ERR_OPTIONS', 'auditLog wants a host made by createHost as its first argument.');
  }
  const {
    calls,
    onError = warnProcess,
    ...file
  } = parseOptions(auditLogSchema, options, 'The options of auditLog');
  const line = (type: string, fields: object): string =>
    jsonLine({ time: new Date().toISOString(), type, ...fields });
  const out = await RotatingFile.open({
    ...file,
    droppedLine: (count) => line('dropped', { count }),
    onError: (error) => safely(() => onError(error)),
  });
  const write = (type: string, fields: object): void => out.write(line(type, fields));

  const grants = new Map<string, string>();
  /** What the plugin may do now, if that is not what was written last. */
  const writeGrant = (plugin: string, version: string): void => {
    const info = infoOf(host, plugin);
    if (!info) grants.delete(plugin);
    if (info?.version !== version) return;
    const { integrity, origin, permissions, limits } = info;
    const granted = { plugin, version, integrity, origin, permissions, limits: finite(limits) };
    const key = JSON.stringify(granted);
    if (grants.get(plugin) === key) return;
    grants.set(plugin, key);
    write('grant', granted);
  };

  const stops: (() => void)[] = [];
  const on = <Name extends keyof HostEvents>(name: Name, listener: (event: HostEvents[Name][0]) => void) => {
    host.on(name, listener as never);
    stops.push(() => host.off(name, listener as never));
  };
  write('opened', { cordon: VERSION, pid: process.pid });
  on('lifecycle', (event) => {
    // A plugin that is called comes and goes between these two with each call.
    if (event.from === 'running' && event.to === 'ready') return;
    if (event.from === 'ready' && event.to === 'running') return;
    write('lifecycle', withoutTime(event));
    writeGrant(event.plugin, event.version);
  });
  on('violation', (event) => write('violation', withoutTime(event)));
  on('warning', (event) => write('warning', withoutTime(event)));
  on('plugin:restarted', (event) => write('restarted', withoutTime(event)));
  on('plugin:reloaded', (event) => {
    write('reloaded', withoutTime(event));
    writeGrant(event.plugin, event.version);
  });
  if (calls) on('call', (event) => write('call', event));
  for (const { name, version } of host.list()) writeGrant(name, version);

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      for (const stop of stops) stop();
      forget();
      write('closed', { dropped: out.dropped });
      await out.close();
    })();
    return closing;
  };
  let forget = (): void => {};
  try {
    forget = host.onClose(close);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    get dropped() {
      return out.dropped;
    },
    flush: () => out.flush(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Undefined for a plugin that is not loaded, and while the host closes. */
function infoOf(host: Host, plugin: string): PluginInfo | undefined {
  try {
    return host.info(plugin);
  } catch {
    return undefined;
  }
}

/** The line has its time in front. */
function withoutTime<T extends { readonly at: number }>({ at: _, ...fields }: T): Omit<T, 'at'> {
  return fields;
}

/** JSON has no Infinity: a limit that is none is left out. */
function finite(limits: Limits): Partial<Limits> {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => Number.isFinite(value)));
}

function warnProcess(error: Error): void {
  process.emitWarning(
    `Cordon: a line of the audit log could not be written: ${error.message}`,
    'CordonAuditLog',
  );
}

function safely(work: () => void): void {
  try {
    work();
  } catch {
    // The log goes on, whatever its owner's handler does.
  }
}
