import { linkable } from '../kernel/kernel.js';
import type { AskingImport, AskingImports } from './asking-import.js';
import type { EngineImports } from './engine-extism.js';
import type { GuestSpec } from './protocol.js';
import { compileGate, type GateHost, openGate, type SuspendGate } from './suspend-gate.js';

/** What a module asks its host by, and the gate for it. */
interface GatePlan {
  readonly module: WebAssembly.Module;
  /** Namespace and name of each function of the gate. */
  readonly names: readonly (readonly [string, string])[];
}

/** Of this thread; the gate is the same for all instances of a plugin. */
const plans = new WeakMap<GuestSpec, GatePlan>();

/** Links the functions by which a guest asks: each call of them blocks the thread. */
export function linkBlocking(asking: AskingImports, host: Pick<GateHost, 'block'>): EngineImports {
  const imports: EngineImports = {};
  for (const [namespace, functions] of Object.entries(asking)) {
    imports[namespace] = {};
    for (const [name, one] of Object.entries(functions)) {
      imports[namespace]![name] = linkable((...args: unknown[]) => host.block(one, args));
    }
  }
  return imports;
}

/**
 * The same with a gate before those that the module imports. No gate where it asks for nothing, and where it is several
 * modules: in a circle these call each other by way of JavaScript, which cannot be suspended.
 */
export function linkSuspending(
  spec: GuestSpec,
  asking: AskingImports,
  host: GateHost,
): { readonly imports: EngineImports; readonly gate?: SuspendGate } {
  const imports = linkBlocking(asking, host);
  const wanted = importedBy(spec, asking);
  if (wanted.length === 0) return { imports };
  let plan = plans.get(spec);
  if (!plan) {
    plan = {
      module: compileGate(wanted.map(({ one }) => one)),
      names: wanted.map(({ namespace, name }) => [namespace, name]),
    };
    plans.set(spec, plan);
  }
  const gate = openGate(
    plan.module,
    plan.names.map(([namespace, name]) => asking[namespace]![name]!),
    host,
  );
  for (const [index, [namespace, name]] of plan.names.entries()) {
    imports[namespace]![name] = gate.functions[index]!;
  }
  return { imports, gate };
}

interface Wanted {
  readonly namespace: string;
  readonly name: string;
  readonly one: AskingImport;
}

function importedBy({ modules }: GuestSpec, asking: AskingImports): Wanted[] {
  if (modules.length > 1) return [];
  const wanted = new Map<string, Wanted>();
  // A module may import one function twice.
  for (const { module: namespace, name } of WebAssembly.Module.imports(
    modules[0]!.module as WebAssembly.Module,
  )) {
    const one = Object.hasOwn(asking, namespace) && asking[namespace]![name];
    if (one && !one.isRefused) wanted.set(`${namespace}\0${name}`, { namespace, name, one });
  }
  return [...wanted.values()];
}
