import { performance } from 'node:perf_hooks';
import type { ViolationKind } from '../events/violation-event.js';
import { type Kernel, type KernelFault, type KernelHost, linkable } from '../kernel/kernel.js';
import { CallState } from './call-state.js';
import type { CoroutineListener } from './coroutine.js';
import { type EngineImports, instantiateWithExtism } from './engine-extism.js';
import {
  badPointerFailure,
  cancelledFailure,
  cpuFailure,
  exitFailure,
  fuelFailure,
  judgeReturned,
  judgeThrown,
  noExportFailure,
  noRoomFailure,
  outputFailure,
  varsFailure,
  where,
} from './failures.js';
import { GuestAsks } from './guest-asks.js';
import type { GuestContext } from './guest-context.js';
import { ENV_NAMESPACE, guestEnv } from './guest-env.js';
import { takeKernel } from './guest-kernel.js';
import { GuestMemory } from './guest-memory.js';
import { GuestVars } from './guest-vars.js';
import { guestWasi, WASI_NAMESPACE } from './guest-wasi.js';
import { hostFunctionImports } from './host-function-imports.js';
import { lateFailure, START_UP } from './late-failure.js';
import { firstGrant, grant, type MeterStop, visit } from './meter.js';
import { pluginCallImport } from './plugin-call-import.js';
import { pollImport } from './poll-import.js';
import type { Ask, CallMessage, Failure, GuestLogLevel, GuestSpec, RunFigures, Vars } from './protocol.js';
import { NO_FIGURES, type RunOutcome } from './run-outcome.js';
import type { CoroutineRun, ThreadServices } from './thread-services.js';
import type { Wasi } from './wasi/create-wasi.js';

const PAGE = 65_536;
/** The longest error text that a guest may hand over; the rest is cut. */
const MAX_ERROR_BYTES = 16 * 1024;

/** One live instance of a plugin, with its kernel, its vars and its limits. It runs one call at a time. */
export class GuestInstance implements GuestContext, KernelHost, CoroutineListener {
  readonly spec: GuestSpec;
  readonly kernel: Kernel;
  readonly vars: GuestVars;
  logLevel: number;
  /** Is it in the midst of a run that blocks its thread while it waits? It must not be entered then. */
  isOnStack = false;
  readonly #thread: ThreadServices;
  readonly #memory: GuestMemory;
  readonly #asks: GuestAsks;
  /** Without a prototype: a guest that exports no `toString` has none. */
  #exports: WebAssembly.Exports = Object.create(null);
  #fuel: { value: number } | undefined;
  #wasi: Wasi | undefined;
  #state: CallState = new CallState(0, START_UP, 0, 0);
  /** The run on a coroutine that is under way. */
  #run: CoroutineRun | undefined;

  private constructor(spec: GuestSpec, thread: ThreadServices, vars: Vars) {
    this.spec = spec;
    this.#thread = thread;
    this.#asks = new GuestAsks(this, thread);
    this.logLevel = spec.logLevel;
    this.kernel = takeKernel(spec, thread, this);
    this.vars = new GuestVars(vars, spec.limits.varBytes, (wanted) => this.#refuseVar(wanted));
    this.#memory = new GuestMemory(spec.limits.memoryBytes, spec.guestPages, thread.memory);
  }

  /** Makes an instance and starts it under the deadline. An outcome with a failure comes without an instance. */
  static async start(
    spec: GuestSpec,
    thread: ThreadServices,
    vars: Vars,
    seq: number,
    timeoutMs: number,
  ): Promise<{ instance?: GuestInstance; outcome: RunOutcome }> {
    const state = new CallState(seq, START_UP, timeoutMs, Number.POSITIVE_INFINITY);
    const figures = NO_FIGURES;
    const refused = thread.space?.take(spec);
    if (refused) return { outcome: { failure: refused, figures, lost: true } };
    let guest: GuestInstance;
    try {
      guest = new GuestInstance(spec, thread, vars);
    } catch (error) {
      // No address space is left for one more memory: this start fails, and the thread lives on.
      thread.space?.give({}, spec);
      return { outcome: { failure: judgeThrown(error, state, spec, undefined), figures, lost: true } };
    }
    guest.#begin(state);
    try {
      const instance = await instantiateWithExtism(spec.modules, guest.#imports());
      guest.#exports = instance.exports;
      if (spec.fuelExport) guest.#fuel = instance.exports[spec.fuelExport] as { value: number };
      guest.#wasi?.bind(instance.exports[spec.memoryExport ?? 'memory'] as WebAssembly.Memory);
      for (const name of spec.startup) (guest.#exports[name] as () => void)();
      if (state.denied) guest.stop(state.denied);
      return { instance: guest, outcome: guest.#outcome(undefined, false) };
    } catch (error) {
      const { failure, ...outcome } = guest.#thrown(error);
      guest.dispose();
      // A program that exits while it starts leaves nothing that could be called, whatever its exit code.
      return { outcome: { ...outcome, failure: failure ?? guest.#state.stop! } };
    }
  }

  /** The guest never runs again: closes what it holds open, and gives back what it has of the host's budgets. */
  dispose(): void {
    this.#wasi?.dispose();
    if (this.#memory.release()) this.#thread.space?.give(this, this.spec);
    this.#thread.kernels.give(this.kernel);
  }

  /** The run in progress. */
  get state(): CallState {
    return this.#state;
  }

  /** Can its guest be suspended while it waits for the host? */
  get isSuspendable(): boolean {
    return this.#asks.canSuspend;
  }

  /** Runs an export; the thread waits where the guest does. Never throws: whatever the guest does is in the outcome. */
  run({ seq, fn, input, timeoutMs, fuel }: CallMessage, now: number): RunOutcome {
    this.#begin(new CallState(seq, fn, timeoutMs, Math.min(fuel, this.spec.limits.fuel), now));
    this.#asks.mode = 'block';
    this.isOnStack = true;
    try {
      const exported = this.#enter(fn, input);
      if (typeof exported !== 'function') return exported;
      return this.#returned(exported());
    } catch (error) {
      return this.#thrown(error);
    } finally {
      this.isOnStack = false;
    }
  }

  /** The same where the guest is suspended when it waits for its host; its thread is told when it has `ended`. */
  runSuspending(run: CoroutineRun, now: number): void {
    const { seq, fn, input, timeoutMs, fuel } = run.message;
    this.#run = run;
    this.#begin(new CallState(seq, fn, timeoutMs, Math.min(fuel, this.spec.limits.fuel), now));
    this.#asks.mode = 'suspend';
    try {
      const exported = this.#enter(fn, input);
      if (typeof exported === 'function') run.coroutine.run(exported, this);
      else this.#ended(exported);
    } catch (error) {
      this.threw(error);
    }
  }

  returned(result: unknown): void {
    let outcome: RunOutcome;
    try {
      outcome = this.#returned(result);
    } catch (error) {
      outcome = this.#thrown(error);
    }
    this.#ended(outcome);
  }

  threw(error: unknown): void {
    this.#ended(this.#thrown(error));
  }

  #ended(outcome: RunOutcome): void {
    const run = this.#run!;
    this.#run = undefined;
    this.#thread.ended(this, run, outcome);
  }

  /** The export to run, with the input where it finds it; or why there is nothing to run. */
  #enter(fn: string, input: Uint8Array | string): (() => unknown) | RunOutcome {
    this.kernel.reset();
    if (this.#fuel) this.#fuel.value = firstGrant(this.#state, this.spec.limits);
    const exported = this.#exports[this.spec.renamedExports.get(fn) ?? fn];
    if (typeof exported !== 'function') return this.#outcome(noExportFailure(fn, this.spec), false);
    if (this.kernel.setInput(input)) return exported as () => unknown;
    const what = `An input of ${input.length} bytes for ${where(this.#state, this.spec)} does not fit`;
    return this.#outcome(this.#noRoomFor(what, input.length), false);
  }

  #begin(state: CallState): void {
    this.#state = state.begin(this.#thread.cpu, this.spec.limits.cpuMs);
  }

  stop(failure: Failure): never {
    this.#state.stop = failure;
    return this.kernel.trap();
  }

  stopFor(kind: ViolationKind, failure: Failure): never {
    return this.stop({ ...failure, violation: kind });
  }

  exit(code: number): never {
    this.#state.exitCode = code;
    return this.stop(exitFailure(this.#state, this.spec, code));
  }

  report(kind: ViolationKind, message: string, detail: Readonly<Record<string, unknown>>): void {
    const { seq } = this.#state;
    if (!this.#state.firstReport(kind)) return;
    this.#thread.post({ op: 'violation', seq, spec: this.spec.id, kind, message, detail });
  }

  ask(body: Ask): unknown {
    return this.#asks.ask(body);
  }

  store(value: Uint8Array | string): bigint {
    const offset = this.kernel.store(value);
    if (offset === 0n) {
      const what = `${value.length} bytes from its host for ${where(this.#state, this.spec)} have no room`;
      this.stop(this.#noRoomFor(what, value.length));
    }
    return offset;
  }

  get blockRoom(): number {
    return this.spec.limits.memoryBytes - (this.#memoryBytes - this.kernel.memoryBytes) - this.kernel.top;
  }

  readText(offset: bigint, what: string, maxBytes: number): string {
    return this.kernel.readText(offset, maxBytes) ?? this.#notABlock(offset, what);
  }

  readBytes(offset: bigint, what: string, maxBytes: number): Uint8Array<ArrayBuffer> {
    return this.kernel.readBytes(offset, maxBytes) ?? this.#notABlock(offset, what);
  }

  log(level: GuestLogLevel, message: string, stream?: 'stdout' | 'stderr'): void {
    // The cost of a line is more than its text: a flood of empty lines ends as well.
    this.#state.logBytes += Buffer.byteLength(message) + 16;
    const { seq } = this.#state;
    this.#thread.post({ op: 'log', seq, spec: this.spec.id, level, message, ...(stream && { stream }) });
  }

  dropLogLine(bytes: number): void {
    this.#state.logLinesDropped++;
    this.report(
      'log-flood',
      `${where(this.#state, this.spec)} logged more than limits.logBytesPerCall (${this.spec.limits.logBytesPerCall}); what is beyond is dropped.`,
      { limit: this.spec.limits.logBytesPerCall, line: bytes },
    );
  }

  #imports(): EngineImports {
    const env = guestEnv(this);
    const hostFunctions = hostFunctionImports(this);
    const asking = {
      ...hostFunctions,
      'extism:host/user': { plugin_call: pluginCallImport(this), ...hostFunctions['extism:host/user'] },
      [ENV_NAMESPACE]: { http_request: env.httpRequest },
      // A clock that stands is moved on by who sleeps, which takes no time.
      ...(this.spec.wasi &&
        this.spec.wasi.fixed?.nowMs === undefined && {
          [WASI_NAMESPACE]: { poll_oneoff: pollImport(() => this.#wasi!) },
        }),
    };
    const imports = this.#asks.link(asking);
    Object.assign(imports[ENV_NAMESPACE]!, this.kernel.functions, env.functions);
    if (this.spec.wasi) {
      this.#wasi = guestWasi(this, { sleep: (ms) => this.#asks.sleep(ms), files: this.#thread.files });
      imports[WASI_NAMESPACE] = { ...this.#wasi.imports, ...imports[WASI_NAMESPACE] };
    }
    imports['cordon:meter'] = {
      out_of_fuel: linkable(() => this.#outOfFuel()),
      may_grow: linkable((_memory: number, pages: number) => (this.mayGrow(pages >>> 0, true) ? 1 : 0)),
    };
    return imports;
  }

  #outOfFuel(): number {
    this.tick();
    const fuel = grant(this.#state);
    if (fuel === 0) this.stop(fuelFailure(this.#state, this.spec));
    return fuel;
  }

  /** Lets the guest go on, or stops it. */
  tick(): void {
    const state = this.#state;
    if (state.stop) this.kernel.trap();
    const reason = visit(state, this.spec.limits, this.#thread);
    if (reason) this.#stopBecause(reason);
  }

  #stopBecause(reason: MeterStop): never {
    if (reason === 'deadline')
      return this.stop({
        ...lateFailure(this.#state.fn, this.spec, this.#state.timeoutMs),
        heldThread: true,
      });
    const failure = reason === 'cancelled' ? cancelledFailure : cpuFailure;
    return this.stop(failure(this.#state, this.spec));
  }

  get #memoryBytes(): number {
    return this.#memory.used(this.kernel.memoryBytes);
  }

  /** May the guest, or the kernel on its behalf, have so many pages more? */
  mayGrow(pages: number, isGuests = false): boolean {
    const refused = this.#memory.grow(pages, isGuests, this.kernel.memoryBytes);
    if (!refused) return true;
    this.#state.memoryRefused = refused;
    // That the others have taken the host's budget is nobody's violation.
    if (refused.name === 'budget.memoryBytes') return false;
    const detail = { limit: refused.limit, used: this.#memoryBytes, wanted: pages * PAGE };
    const asked = `${where(this.#state, this.spec)} asked for ${detail.wanted} bytes of memory on top of ${detail.used}`;
    this.report('memory', `${asked}; ${refused.name} is ${refused.limit}.`, detail);
    return false;
  }

  #refuseVar(wanted: number): never {
    return this.stopFor('var-size', varsFailure(this.#state, this.spec, wanted));
  }

  fault(kind: KernelFault, address: bigint): never {
    return this.#badPointer(`a bad address (0x${address.toString(16)}) to ${kind}`, address);
  }

  #notABlock(offset: bigint, what: string): never {
    return this.#badPointer(`${what} an offset (0x${offset.toString(16)}) that is no block`, offset);
  }

  #badPointer(what: string, address: bigint): never {
    return this.stopFor('abi', badPointerFailure(this.#state, this.spec, what, address));
  }

  #noRoomFor(what: string, wanted: number): Failure {
    return noRoomFailure(what, this.#state.memoryRefused ?? this.#memory.ownLimit, this.#memoryBytes, wanted);
  }

  /** The guest came back by itself. */
  #returned(returned: unknown): RunOutcome {
    const text = this.kernel.errorText(MAX_ERROR_BYTES);
    const figures = this.#figures();
    const failure = judgeReturned(returned, this.#state, this.spec, figures, text);
    if (failure) return this.#outcome(failure, this.#state.stop !== undefined, undefined, figures);
    return this.#withOutput(false, figures);
  }

  #withOutput(lost: boolean, figures?: RunFigures): RunOutcome {
    const length = this.kernel.outputLength;
    if (length > this.spec.limits.outputBytes) {
      return this.#outcome(outputFailure(this.#state, this.spec, length), lost, undefined, figures);
    }
    const { hasOutput, output } = this.kernel;
    const kept = hasOutput ? this.#thread.outputs.copy(output, 0, length) : undefined;
    return this.#outcome(undefined, lost, kept, figures);
  }

  /** The guest trapped or was stopped. Its stack pointer is where it was then: nothing must run in it again. */
  #thrown(error: unknown): RunOutcome {
    let text: string | undefined;
    try {
      text = this.kernel.errorText(MAX_ERROR_BYTES);
    } catch {
      // The error text is the guest's; without it the trap itself is what there is to say.
    }
    // A program that leaves with 0 has done its work; only its instance is spent.
    if (this.#state.exitCode === 0 && text === undefined && !this.#state.denied)
      return this.#withOutput(true);
    return this.#outcome(judgeThrown(error, this.#state, this.spec, text), true);
  }

  #outcome(
    failure: Failure | undefined,
    lost: boolean,
    output?: Uint8Array,
    figures = this.#figures(),
  ): RunOutcome {
    this.#wasi?.flush();
    return { output, failure, figures, lost, vars: this.vars.takeChanges() };
  }

  /** The run is over: its time is charged. */
  #figures(): RunFigures {
    const state = this.#state;
    const now = performance.now();
    return {
      durationMs: now - state.startedAt,
      cpuMs: state.cpuEnd(this.#thread.cpu, now),
      memoryBytes: this.#memoryBytes,
      // Instructions so far: what it was handed but for what is left of that.
      fuel: this.#fuel && state.granted - this.#fuel.value,
    };
  }
}
