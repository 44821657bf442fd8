import { access, mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { nearestName } from '../../../src/errors/nearest-name.js';
import { fileProblem } from '../../../src/integrity/read-file.js';
import { isPluginName } from '../../../src/manifest/plugin-name.js';
import { VERSION } from '../../../src/runtime/version.js';
import type { AddCommand } from '../command.js';
import { type Console, paint } from '../console.js';
import { EXIT } from '../exit-code.js';
import { UsageError } from '../usage-error.js';
import { Questions } from './ask.js';
import { newPlugin, TEMPLATES } from './templates.js';

interface InitOptions {
  readonly name?: string;
  readonly template?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

const LANGUAGES = Object.keys(TEMPLATES);
const DEFAULT_TEMPLATE = 'assemblyscript';

/** `cordon init`. */
export const addInit: AddCommand = (program, act) => {
  program
    .command('init')
    .summary('begin a plugin: manifest, source, build, test')
    .description(
      'Writes a small plugin that builds, checks and passes its test. Asks on a terminal for what the options do not say. Overwrites nothing.',
    )
    .argument('[dir]', 'the folder, made where it is not there', '.')
    .option('--name <name>', 'the plugin’s name, by npm’s rules; by default the folder’s')
    .option('--template <language>', `the language: ${LANGUAGES.join(', ')}`)
    .option('--yes', `ask nothing: the folder’s name, and ${DEFAULT_TEMPLATE}`)
    .option('--json', 'print JSON')
    .action(act(init));
};

async function init(io: Console, dir: string, options: InitOptions): Promise<number> {
  const folder = resolve(dir);
  const { name, template } = await choose(io, folder, options);
  const files = await newPlugin({ name, template, cordon: `^${VERSION}` });
  await refuseExisting(folder, [...files.keys()]);
  try {
    for (const [path, text] of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text, { flag: 'wx' });
    }
  } catch (error) {
    throw new UsageError(`${dir} cannot be written: ${fileProblem(error)}`);
  }
  if (options.json) {
    io.json({ folder, name, template, files: [...files.keys()].sort() });
    return EXIT.ok;
  }
  const { language, needs, source } = TEMPLATES[template]!;
  const where = relative('', folder);
  io.out(paint('green', `${name} is begun in ${language}`), `: ${join(where, source)}\n`);
  if (needs !== '') io.out(`It needs ${needs}.\n`);
  io.out(
    'Next:\n',
    ...(where === '' ? [] : [`  cd ${/^[\w./@~-]+$/.test(where) ? where : JSON.stringify(where)}\n`]),
  );
  for (const step of ['npm install', 'npm run build', 'npm run check', 'npm test']) io.out(`  ${step}\n`);
  return EXIT.ok;
}

async function choose(io: Console, folder: string, { name, template, yes }: InitOptions) {
  if (name !== undefined) refuse(nameProblem(name));
  if (template !== undefined) refuse(templateProblem(template));
  const normalName = name ?? nameFor(folder);
  const asks = !yes && (name === undefined || template === undefined);
  if (!asks || !io.terminal.isInteractive.input) {
    if (template === undefined && !yes) {
      throw new UsageError('init asks on a terminal only: add --template <language>, or --yes');
    }
    refuse(nameProblem(normalName));
    return { name: normalName, template: template ?? DEFAULT_TEMPLATE };
  }
  using questions = new Questions(io);
  return {
    name: name ?? (await questions.ask('Name of the plugin', normalName, nameProblem)),
    template:
      template ??
      (await questions.ask(`Language: ${LANGUAGES.join(', ')}`, DEFAULT_TEMPLATE, templateProblem)),
  };
}

function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw new UsageError(problem);
}

function nameProblem(name: string): string | undefined {
  if (isPluginName(name)) return undefined;
  return `"${name}" is no name of a plugin: lower case, as npm has them, such as "@acme/markdown"; give one by --name`;
}

function templateProblem(template: string): string | undefined {
  if (Object.hasOwn(TEMPLATES, template)) return undefined;
  if (['typescript', 'ts', 'javascript', 'js'].includes(template.toLowerCase())) {
    return 'there is no template for TypeScript yet: it needs an engine inside the module, which comes later. assemblyscript is nearest';
  }
  const nearest = nearestName(template, LANGUAGES);
  return `"${template}" is no template; ${nearest ? `did you mean ${nearest}?` : `there is ${LANGUAGES.join(', ')}`}`;
}

function nameFor(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+|-+$/g, '');
  return name || 'plugin';
}

async function refuseExisting(folder: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const isThere = await access(join(folder, path)).then(
      () => true,
      () => false,
    );
    if (isThere)
      throw new UsageError(`${join(relative('', folder), path)} is there already; nothing was written`);
  }
}
