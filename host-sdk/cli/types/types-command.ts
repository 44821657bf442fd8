import { Option } from 'commander';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { type AddCommand, collect } from '../command.js';
import { type Console, paint } from '../console.js';
import { EXIT } from '../exit-code.js';
import { readOffer } from '../read-offer.js';
import { UsageError } from '../usage-error.js';
import { gatherManifests } from './gather-manifests.js';
import { checkGenerated, type FileState, writeGenerated } from './generated-file.js';
import { type GeneratedFiles, GUEST_LANGUAGES, guestBindings } from './guest/guest-bindings.js';
import { hostTypes } from './host-types.js';

interface TypesOptions {
  readonly catalog?: readonly string[];
  readonly lockfile?: string;
  readonly out?: string;
  readonly guest?: string;
  readonly hostFunctions?: string;
  readonly check?: boolean;
  readonly json?: boolean;
}

const LANGUAGES = Object.keys(GUEST_LANGUAGES);

/** `cordon types`. */
export const addTypes: AddCommand = (program, act) => {
  program
    .command('types')
    .summary('write types for a host, or bindings for a guest, from manifests')
    .description(
      'Writes TypeScript from the contracts of plugins: a type for each input and output, definitions that check them, ' +
        'host functions, and names for host.load; or, with --guest, what a plugin needs to implement its contract. ' +
        'Without --out to standard output.',
    )
    .argument(
      '[plugins...]',
      'folders, plugin.json or .wasm files, folders of plugins; with --catalog, names',
    )
    .option('--catalog <where>', 'a directory of plugins, or npm:<package>; may be repeated', collect)
    .option('--lockfile <path>', 'take the versions of this plugins.lock.json')
    .addOption(new Option('--guest <language>', 'write bindings for one plugin instead').choices(LANGUAGES))
    .option(
      '--host-functions <path>',
      'with --guest: JSON of an application that describes its host functions',
    )
    .option('--out <path>', 'the file to write; for a host .ts, or .d.ts for types alone')
    .option('--check', 'write nothing; fail where the file does not say what would be written')
    .option('--json', 'print JSON')
    .action(act(types));
};

async function types(io: Console, given: readonly string[], options: TypesOptions): Promise<number> {
  const { catalog = [], lockfile, guest, hostFunctions, out, check = false, json = false } = options;
  if (check && out === undefined) throw new UsageError('--check needs to know which file: add --out <path>');
  if (hostFunctions !== undefined && guest === undefined)
    throw new UsageError('--host-functions is for guests: add --guest <language>');
  const endings = guest === undefined ? ['.ts', '.mts'] : [GUEST_LANGUAGES[guest]!.ending];
  if (out !== undefined && !endings.some((ending) => out.endsWith(ending)))
    throw new UsageError(`--out ${out} does not end in ${endings[0]}`);
  const manifests = await gatherManifests({ given, catalog, lockfile });
  const plugins = manifests.map(({ name, version }) => ({ name, version }));
  if (guest === undefined) {
    const form = out !== undefined && /\.d\.m?ts$/.test(out) ? 'declarations' : 'definitions';
    const { text, warnings } = hostTypes(manifests, form);
    return emit(io, { files: [{ path: out ?? '', text }], warnings, plugins }, { out, check, json });
  }
  if (out === undefined && GUEST_LANGUAGES[guest]!.needsOut)
    throw new UsageError(`--guest ${guest} writes more than one file: add --out <path>`);
  const files = await forGuest(guest, manifests, { hostFunctions, out: out ?? '' });
  return emit(io, { files, warnings: [], plugins }, { out, check, json });
}

async function forGuest(
  language: string,
  [manifest, ...others]: readonly Manifest[],
  { hostFunctions, out }: { readonly hostFunctions: string | undefined; readonly out: string },
): Promise<GeneratedFiles> {
  if (others.length > 0) throw new UsageError('--guest takes one plugin');
  const offered = hostFunctions === undefined ? {} : (await readOffer(hostFunctions)).hostFunctions;
  return guestBindings(language, manifest!, { offered, out });
}

/** What was generated, and from what. */
interface Result {
  readonly files: GeneratedFiles;
  readonly warnings: readonly string[];
  readonly plugins: readonly { readonly name: string; readonly version: string }[];
}

async function emit(
  io: Console,
  { files, warnings, plugins }: Result,
  { out, check, json }: { out: string | undefined; check: boolean; json: boolean },
): Promise<number> {
  for (const warning of warnings) if (!json) io.err(paint('yellow', 'warning:'), ` ${warning}\n`);
  if (out === undefined) {
    const [{ text }] = files as [GeneratedFiles[number]];
    if (json) io.json({ plugins, warnings, text });
    else io.raw(new TextEncoder().encode(text));
    return EXIT.ok;
  }
  const states = [];
  for (const { path, text } of files) {
    states.push({ path, state: await (check ? checkGenerated : writeGenerated)(path, text) });
  }
  const ok = states.every(({ state }) => state === 'written' || state === 'unchanged');
  if (json) io.json({ ok, plugins, warnings, files: states });
  else for (const { path, state } of states) tell(io, path, state, check);
  return ok ? EXIT.ok : EXIT.failed;
}

function tell(io: Console, path: string, state: FileState, check: boolean): void {
  if (state === 'missing' || state === 'stale') {
    const what = state === 'missing' ? 'is not there' : 'is stale';
    io.err(paint('red', `${path} ${what}:`), ' the same command without --check writes it\n');
  } else if (!check) io.out(`${path}: ${state === 'written' ? 'written' : 'as it was'}\n`);
}
