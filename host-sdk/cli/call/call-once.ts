import { CordonError } from '../../../src/errors/cordon-error.js';
import type { CallEvent, LogEvent } from '../../../src/events/host-events.js';
import type { ViolationEvent } from '../../../src/events/violation-event.js';
import type { Host } from '../../host.js';
import type { Output } from '../../output.js';
import { type Console, paint } from '../console.js';
import { EXIT, exitCodeOf } from '../exit-code.js';

export interface CallRequest {
  readonly name: string;
  readonly fn: string;
  readonly input: string | Uint8Array;
  readonly json: boolean;
  readonly stats: boolean;
  /** What it prints as it runs has been shown: only its error is left to tell. */
  readonly isProgram: boolean;
  /** Ends the output with a line break, where answers follow each other. */
  readonly isLine?: boolean;
}

/** Calls once and prints the output, or why there is none. Answers with the exit code. */
export async function callOnce(io: Console, host: Host, request: CallRequest): Promise<number> {
  const { name, fn, input, json, stats } = request;
  const seen = watchCall(host, request);
  let output: Output | undefined;
  let error: CordonError | undefined;
  io.progress(`calling ${fn}`);
  try {
    output = await host.call(name, fn, input, { signal: io.signal });
  } catch (thrown) {
    if (!(thrown instanceof CordonError)) throw thrown;
    error = thrown;
  } finally {
    seen.stop();
  }
  if (json) io.json(callReport(request, host, output, error, seen));
  else if (output) printOutput(io, output, request.isLine === true);
  if (error && !json && !io.signal.aborted && programExit(request, error) === undefined) {
    io.err(paint('red', 'cordon:'), ` ${error.code}: ${error.message}\n`);
  }
  if (stats && !json && seen.event) io.err(paint('dim', statsText(seen.event)), '\n');
  if (!error) return EXIT.ok;
  return programExit(request, error) ?? exitCodeOf(error);
}

interface Seen {
  readonly event: CallEvent | undefined;
  readonly violations: readonly ViolationEvent[];
  readonly logs: readonly LogEvent[];
  stop(): void;
}

function watchCall(host: Host, { name, fn }: CallRequest): Seen {
  let event: CallEvent | undefined;
  const violations: ViolationEvent[] = [];
  const logs: LogEvent[] = [];
  const onCall = (one: CallEvent): void => {
    if (one.plugin === name && one.fn === fn) event = one;
  };
  const onViolation = (one: ViolationEvent): void => void violations.push(one);
  const onLog = (one: LogEvent): void => void logs.push(one);
  host.on('call', onCall).on('violation', onViolation).on('log', onLog);
  return {
    get event() {
      return event;
    },
    violations,
    logs,
    stop: () => void host.off('call', onCall).off('violation', onViolation).off('log', onLog),
  };
}

/** A program that left by itself ends the command as it would have ended alone. */
function programExit({ isProgram }: CallRequest, { details }: CordonError): number | undefined {
  const code = (details as { exitCode?: unknown } | undefined)?.exitCode;
  return isProgram && typeof code === 'number' && code > 0 && code < 256 ? code : undefined;
}

/** As it is; on a terminal what would steer it is escaped. */
function printOutput(io: Console, output: Output, isLine: boolean): void {
  const bytes = output.bytes();
  if (!io.terminal.isInteractive.out) io.raw(isLine ? Buffer.concat([bytes, Buffer.from('\n')]) : bytes);
  else if (output.byteLength > 0) io.out(output.text().replace(/\n?$/, '\n'));
}

function callReport(
  { name, fn }: CallRequest,
  host: Host,
  output: Output | undefined,
  error: CordonError | undefined,
  { event, violations, logs }: Seen,
) {
  return {
    plugin: name,
    version: host.plugin(name).version,
    fn,
    ok: error === undefined,
    ...(output && outputOf(output)),
    ...(error && { error: { code: error.code, message: error.message } }),
    ...(event && {
      durationMs: event.durationMs,
      cpuMs: event.cpuMs,
      fuel: event.fuel,
      memoryBytes: event.memoryBytes,
      inputBytes: event.inputBytes,
      outputBytes: event.outputBytes,
    }),
    violations: violations.map(({ kind, severity, message, detail }) => ({
      kind,
      severity,
      message,
      detail,
    })),
    logs: logs.map(({ plugin, level, message }) => ({ plugin, level, message })),
  };
}

/** Text where it is UTF-8, else base64. */
function outputOf(output: Output): { output: string } | { outputBase64: string } {
  try {
    return { output: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(output.bytes()) };
  } catch {
    return { outputBase64: Buffer.from(output.bytes()).toString('base64') };
  }
}

export function statsText({
  fn,
  durationMs,
  cpuMs,
  fuel,
  memoryBytes,
  inputBytes,
  outputBytes,
}: CallEvent): string {
  const figures = [
    `${durationMs.toFixed(2)} ms`,
    `${cpuMs.toFixed(2)} ms of processor time`,
    ...(fuel === undefined ? [] : [`${fuel} instructions`]),
    `${Math.ceil(memoryBytes / 1024)} KiB of memory`,
    `${inputBytes} bytes in, ${outputBytes} out`,
  ];
  return `${fn}: ${figures.join(', ')}`;
}
