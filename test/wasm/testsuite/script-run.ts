import { CordonError } from '../../../src/errors/cordon-error.js';
import { rewriteModule } from '../../../src/wasm/rewrite.js';
import { type ModuleSummary, summarizeModule } from '../../../src/wasm/summary.js';
import type { FunctionType } from '../../../src/wasm/type-section.js';
import { ArgumentBits } from './arguments.js';
import { callBits, makeCaller } from './caller.js';
import { type List, type Node, readScript } from './s-expression.js';
import type { WatParser } from './wat-tools.js';

/** What happened in the scripts: how many commands compared, and every difference. */
export interface Tally {
  modules: number;
  /** Modules that V8 refuses, and that were refused with a coded error. */
  refused: number;
  returns: number;
  traps: number;
  others: number;
  /** Commands that could not be run, because the text or a type is unknown to the parser or to V8. */
  skipped: number;
  readonly differences: string[];
}

export function newTally(): Tally {
  return { modules: 0, refused: 0, returns: 0, traps: 0, others: 0, skipped: 0, differences: [] };
}

type Exports = Record<string, WebAssembly.ImportValue>;

/** The original, or the module rewritten in one way, with all instances of a script. */
interface Variant {
  readonly name: string;
  rewrite(bytes: Uint8Array): Uint8Array;
  readonly registry: Map<string, Exports>;
  readonly instances: Map<string, Exports>;
  last: Exports | undefined;
}

// Caps that are above everything that the suite does, so that only the rewriting as such is seen.
const CAPS = { maxMemoryBytes: 2 ** 48, maxTableElements: 2 ** 32 };
const COMMANDS = /^(?:module|register|invoke|get|assert_\w+)$/;

function variants(): Variant[] {
  const plain = { name: 'original', rewrite: (bytes: Uint8Array) => bytes };
  const rewritten = [false, true].map((metering) => ({
    name: metering ? 'metered' : 'capped',
    rewrite: (bytes: Uint8Array) => rewriteModule(bytes, { ...CAPS, metering }).bytes,
  }));
  return [plain, ...rewritten].map((variant) => ({
    ...variant,
    registry: new Map([['spectest', spectest()]]),
    instances: new Map(),
    last: undefined,
  }));
}

function spectest(): Exports {
  const nothing = () => undefined;
  const global = (value: 'i32' | 'i64' | 'f32' | 'f64', initial: unknown) =>
    new WebAssembly.Global({ value }, initial);
  return {
    print: nothing,
    print_i32: nothing,
    print_i64: nothing,
    print_f32: nothing,
    print_f64: nothing,
    print_i32_f32: nothing,
    print_f64_f64: nothing,
    global_i32: global('i32', 666),
    global_i64: global('i64', 666n),
    global_f32: global('f32', 666.6),
    global_f64: global('f64', 666.6),
    memory: new WebAssembly.Memory({ initial: 1, maximum: 2 }),
    table: new WebAssembly.Table({ element: 'anyfunc', initial: 10, maximum: 20 }),
  };
}

/** Runs one script in all variants at the same time and compares them after every command. */
export class ScriptRun {
  private readonly file: string;
  private readonly text: string;
  private readonly parse: WatParser;
  private readonly tally: Tally;
  private readonly bits = new ArgumentBits();
  private readonly variants = variants();
  /** The bytes of modules by the name of their instance, for the types of exports. */
  private readonly summaries = new Map<Exports, ModuleSummary>();
  private readonly callers = new Map<string, WebAssembly.Module | undefined>();
  private readonly definitions = new Map<string, Uint8Array>();
  private lastDefinition: Uint8Array | undefined;
  private readonly hosts = new Map<string, object>();

  constructor(file: string, text: string, parse: WatParser, tally: Tally) {
    this.file = file;
    this.text = text;
    this.parse = parse;
    this.tally = tally;
  }

  async run(): Promise<void> {
    let commands = readScript(this.text);
    // A script may be the fields of one module.
    if (!commands.every(({ items }) => COMMANDS.test(String(items[0])))) {
      commands = [];
      await this.define(await this.tryParse(`(module ${this.text})`), undefined);
    }
    for (const command of commands) this.collectArguments(command);
    await this.bits.make(this.parse);
    for (const command of commands) await this.command(command);
    this.compareMemories();
  }

  private different(what: string, outcomes: readonly unknown[]): void {
    this.tally.differences.push(`${this.file}: ${what}: ${outcomes.map(String).join(' | ')}`);
  }

  private source(list: List): string {
    return this.text.slice(list.from, list.to);
  }

  private collectArguments(list: List): void {
    if (list.items[0] === 'invoke') {
      for (const item of list.items) {
        if (isList(item) && /^(?:[if](?:32|64)|v128)\.const$/.test(String(item.items[0]))) {
          this.bits.add(this.source(item));
        }
      }
    } else if (/^assert_/.test(String(list.items[0]))) {
      for (const item of list.items) if (isList(item)) this.collectArguments(item);
    }
  }

  private async command(list: List): Promise<void> {
    const [head, first, second] = list.items;
    switch (head) {
      case 'module':
        await this.module(list);
        return;
      case 'register':
        for (const variant of this.variants) {
          const exports = typeof second === 'string' ? variant.instances.get(second) : variant.last;
          if (exports) variant.registry.set(utf8(first as Uint8Array), exports);
        }
        return;
      case 'invoke':
      case 'get':
        this.action(list, 'others');
        return;
      case 'assert_return':
        this.action(first as List, 'returns');
        return;
      case 'assert_trap':
      case 'assert_exhaustion':
      case 'assert_exception':
        if ((first as List).items[0] === 'module') await this.module(first as List, true);
        else this.action(first as List, 'traps');
        return;
      case 'assert_unlinkable':
        await this.module(first as List, true);
        return;
      default:
        this.refusal(await this.bytesOf(first as List));
    }
  }

  /** What V8 refuses must end in a coded error; what it takes after all must be rewritten well. */
  private refusal(bytes: Uint8Array | undefined): void {
    if (bytes === undefined) {
      this.tally.skipped++;
      return;
    }
    const valid = WebAssembly.validate(bytes);
    for (const variant of this.variants.slice(1)) {
      let outcome: string;
      try {
        outcome = WebAssembly.validate(variant.rewrite(bytes)) ? 'valid' : 'invalid output';
      } catch (error) {
        outcome =
          error instanceof CordonError && error.code === 'ERR_BYTECODE' ? 'refused' : `threw ${error}`;
      }
      // Page sizes and the like that the caps refuse are minima beyond what V8 takes.
      const expected = valid ? ['valid'] : ['refused', 'threw LimitError'];
      if (!expected.some((start) => outcome.startsWith(start)))
        this.different(`refusal, ${valid}`, [outcome]);
    }
    if (!valid) this.tally.refused++;
    else this.tally.modules++;
  }

  private async module(list: List, fails = false): Promise<void> {
    const [, kind, ...rest] = list.items;
    if (kind === 'instance') {
      const [instance, definition] = rest;
      const bytes = typeof definition === 'string' ? this.definitions.get(definition) : this.lastDefinition;
      await this.define(bytes, typeof instance === 'string' ? instance : undefined);
      return;
    }
    const bytes = await this.bytesOf(list);
    if (kind === 'definition') {
      this.lastDefinition = bytes;
      if (bytes && typeof rest[0] === 'string' && rest[0].startsWith('$'))
        this.definitions.set(rest[0], bytes);
      return;
    }
    await this.define(bytes, typeof kind === 'string' && kind.startsWith('$') ? kind : undefined, fails);
  }

  private async bytesOf(list: List): Promise<Uint8Array | undefined> {
    const words = list.items.filter((item) => typeof item === 'string');
    const strings = Buffer.concat(list.items.filter((item) => item instanceof Uint8Array));
    if (words.includes('binary')) return Uint8Array.from(strings);
    if (words.includes('quote')) return this.tryParse(`(module ${strings.toString('utf8')})`);
    return this.tryParse(this.source(list).replace(/^\(\s*module\s+definition\b/, '(module'));
  }

  private async tryParse(text: string): Promise<Uint8Array | undefined> {
    try {
      return Uint8Array.from(await this.parse(text));
    } catch {
      return undefined;
    }
  }

  private async define(bytes: Uint8Array | undefined, id: string | undefined, fails = false): Promise<void> {
    const unusable = bytes === undefined || !WebAssembly.validate(bytes);
    if (unusable) {
      if (bytes) this.refusal(bytes);
      else this.tally.skipped++;
      // Later commands without a name would otherwise go to the module before.
      for (const variant of this.variants) {
        if (!fails) variant.last = undefined;
        if (id) variant.instances.delete(id);
      }
      return;
    }
    const summary = summarizeModule(bytes);
    const outcomes = this.variants.map((variant) => {
      try {
        const rewritten = variant.rewrite(bytes);
        const { exports } = new WebAssembly.Instance(
          new WebAssembly.Module(rewritten),
          imports(variant, summary),
        );
        if (id) variant.instances.set(id, exports);
        if (!fails) variant.last = exports;
        this.summaries.set(exports, summary);
        return 'ok';
      } catch (error) {
        if (!fails) variant.last = undefined;
        return failure(error);
      }
    });
    this.tally.modules++;
    if (outcomes.some((outcome) => outcome !== outcomes[0])) this.different('instantiation', outcomes);
  }

  private action(list: List, tallied: 'returns' | 'traps' | 'others'): void {
    const [head, first, ...rest] = list.items;
    const id = typeof first === 'string' ? first : undefined;
    const name = utf8((id ? rest[0] : first) as Uint8Array);
    const operands = (id ? rest.slice(1) : rest).filter(isList);
    const targets = this.variants.map((variant) => (id ? variant.instances.get(id) : variant.last));
    if (targets.some((target) => target === undefined)) {
      this.tally.skipped++;
      return;
    }
    const outcomes = targets.map((exports) =>
      head === 'get' ? this.get(exports!, name) : this.invoke(exports!, name, operands),
    );
    this.tally[tallied]++;
    if (outcomes.some((outcome) => outcome !== outcomes[0])) this.different(this.source(list), outcomes);
  }

  private get(exports: Exports, name: string): string {
    try {
      return typeof exports[name] === 'object'
        ? printed((exports[name] as WebAssembly.Global).value)
        : 'none';
    } catch (error) {
      return failure(error);
    }
  }

  private invoke(exports: Exports, name: string, operands: readonly List[]): string {
    const entry = this.summaries.get(exports)?.exports.find((candidate) => candidate.name === name);
    const target = exports[name];
    if (entry?.kind !== 'function' || typeof target !== 'function') return `no function ${name}`;
    const caller = this.caller(entry.type);
    const values = operands.map((operand) => this.operand(operand));
    try {
      if (caller) return callBits(caller, target, entry.type, values);
      const args = values.map((value, i) => direct(value, entry.type.params[i]!));
      return printed((target as unknown as (...args: unknown[]) => unknown)(...args));
    } catch (error) {
      return failure(error);
    }
  }

  private operand(list: List): Uint8Array | { reference: unknown } {
    const [head, id] = list.items;
    if (head === 'ref.null') return { reference: null };
    if (head !== 'ref.extern' && head !== 'ref.host') return this.bits.bits(this.source(list));
    const key = String(id);
    if (!this.hosts.has(key)) this.hosts.set(key, { host: key });
    return { reference: this.hosts.get(key) };
  }

  private caller(type: FunctionType): WebAssembly.Module | undefined {
    const key = `${type.params.join()}>${type.results.join()}`;
    if (!this.callers.has(key)) this.callers.set(key, makeCaller(type));
    return this.callers.get(key);
  }

  /** At the end the exported memories must be the same, byte for byte. */
  private compareMemories(): void {
    for (const id of this.variants[0]!.instances.keys()) {
      const all = this.variants.map((variant) => variant.instances.get(id)!);
      for (const [name, value] of Object.entries(all[0]!)) {
        if (!(value instanceof WebAssembly.Memory)) continue;
        const [plain, ...others] = all.map((exports) =>
          Buffer.from((exports[name] as WebAssembly.Memory).buffer),
        );
        if (!others.every((other) => other.equals(plain!))) this.different(`memory ${id} ${name}`, []);
      }
    }
  }
}

function isList(node: Node): node is List {
  return typeof node === 'object' && !(node instanceof Uint8Array);
}

function utf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function imports(variant: Variant, summary: ModuleSummary): WebAssembly.Imports {
  const all: WebAssembly.Imports = Object.create(null);
  all['cordon:meter'] = { out_of_fuel: () => 1_000_000_000, may_grow: () => 1 };
  for (const { module } of summary.imports) {
    const exports = variant.registry.get(module);
    if (exports) all[module] = exports;
  }
  return all;
}

function failure(error: unknown): string {
  if (error instanceof CordonError) return `${error.code} ${error.message}`;
  const { name, message } = error as Error;
  // Where a module does not link or compile the message has indices and offsets, which move.
  if (name === 'LinkError' || name === 'CompileError' || name === 'TypeError') return name;
  return error instanceof Error ? `${name}: ${message}` : 'exception';
}

function printed(value: unknown): string {
  if (Array.isArray(value)) return value.map(printed).join();
  return typeof value === 'object' || typeof value === 'function'
    ? value === null
      ? 'null'
      : 'reference'
    : String(value);
}

function direct(value: Uint8Array | { reference: unknown }, type: string): unknown {
  if (!(value instanceof Uint8Array)) return value.reference;
  const view = new DataView(value.buffer, value.byteOffset, 16);
  if (type === 'i32') return view.getInt32(0, true);
  if (type === 'i64') return view.getBigInt64(0, true);
  return type === 'f32' ? view.getFloat32(0, true) : view.getFloat64(0, true);
}
