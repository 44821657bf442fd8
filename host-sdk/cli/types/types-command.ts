import { type AddCommand, collect } from '../command.js';
import { type Console, paint } from '../console.js';
import { EXIT } from '../exit-code.js';
import { UsageError } from '../usage-error.js';
import { gatherManifests } from './gather-manifests.js';
import { checkGenerated, writeGenerated } from './generated-file.js';
import { hostTypes } from './host-types.js';

interface TypesOptions {
  readonly catalog?: readonly string[];
  readonly lockfile?: string;
  readonly out?: string;
  readonly check?: boolean;
  readonly json?: boolean;
}

/** `cordon types`. */
export const addTypes: AddCommand = (program, act) => {
  program
    .command('types')
    .summary('write types for a host from manifests')
    .description(
      'Writes TypeScript from the contracts of plugins: a type for each input and output, definitions that check them, ' +
        'host functions, and names for host.load. Without --out to standard output.',
    )
    .argument(
      '[plugins...]',
      'folders, plugin.json or .wasm files, folders of plugins; with --catalog, names',
    )
    .option('--catalog <where>', 'a directory of plugins, or npm:<package>; may be repeated', collect)
    .option('--lockfile <path>', 'take the versions of this plugins.lock.json')
    .option('--out <path>', 'the file to write: .ts, or .d.ts for types alone')
    .option('--check', 'write nothing; fail where the file does not say what would be written')
    .option('--json', 'print JSON')
    .action(act(types));
};

async function types(io: Console, given: readonly string[], options: TypesOptions): Promise<number> {
  const { catalog = [], lockfile, out, check = false, json = false } = options;
  if (check && out === undefined) throw new UsageError('--check needs to know which file: add --out <path>');
  if (out !== undefined && !/\.m?ts$/.test(out))
    throw new UsageError(`--out ${out} is not a .ts or .d.ts file`);
  const manifests = await gatherManifests({ given, catalog, lockfile });
  const form = out !== undefined && /\.d\.m?ts$/.test(out) ? 'declarations' : 'definitions';
  const { text, warnings } = hostTypes(manifests, form);
  const plugins = manifests.map(({ name, version }) => ({ name, version }));
  return emit(io, { text, warnings, plugins }, { out, check, json });
}

/** What was generated, and from what. */
interface Result {
  readonly text: string;
  readonly warnings: readonly string[];
  readonly plugins: readonly { readonly name: string; readonly version: string }[];
}

async function emit(
  io: Console,
  { text, warnings, plugins }: Result,
  { out, check, json }: { out: string | undefined; check: boolean; json: boolean },
): Promise<number> {
  for (const warning of warnings) if (!json) io.err(paint('yellow', 'warning:'), ` ${warning}\n`);
  if (out === undefined) {
    if (json) io.json({ plugins, warnings, text });
    else io.raw(new TextEncoder().encode(text));
    return EXIT.ok;
  }
  const state = await (check ? checkGenerated : writeGenerated)(out, text);
  const ok = state === 'written' || state === 'unchanged';
  if (json) io.json({ ok, plugins, warnings, out, state });
  else if (!ok) {
    const what = state === 'missing' ? 'is not there' : 'is stale';
    io.err(paint('red', `${out} ${what}:`), ' the same command without --check writes it\n');
  } else if (!check) {
    const count = `${plugins.length} plugin${plugins.length === 1 ? '' : 's'}`;
    io.out(`${out}: ${count}${state === 'unchanged' ? ', as it was' : ''}\n`);
  }
  return ok ? EXIT.ok : EXIT.failed;
}
