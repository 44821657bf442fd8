import { relative } from 'node:path';
import type { PluginCandidate } from '../../../src/catalog/catalog-source.js';
import { readPluginFolder } from '../../../src/catalog/plugin-folder.js';
import { readModuleFile } from '../../../src/catalog/read-module.js';
import { readArtifact } from '../../../src/integrity/read-artifact.js';
import type { AddCommand } from '../command.js';
import type { Console } from '../console.js';
import { EXIT } from '../exit-code.js';
import { pluginLocation } from '../plugin-location.js';
import { type ModuleReport, moduleReport } from './module-report.js';
import { reportParts } from './report-text.js';

const READ_AT_MOST = 1024 ** 3;

/** One module, named as its manifest names it. */
export interface InspectedModule extends ModuleReport {
  readonly name: string;
  readonly file: string;
}

/** `cordon inspect`. */
export const addInspect: AddCommand = (program, act) => {
  program
    .command('inspect')
    .summary('print what a module is, has and needs')
    .description(
      'Prints imports, exports, memories, features, sizes, what starts by itself, and what a host would have to give. Runs nothing of it.',
    )
    .argument('[plugin]', 'a .wasm, or the folder or plugin.json of a plugin', '.')
    .option('--json', 'print JSON')
    .action(act(inspect));
};

async function inspect(io: Console, given: string, { json }: { json?: boolean }): Promise<number> {
  const modules: InspectedModule[] = [];
  for (const { name, file, bytes } of await modulesAt(given)) {
    modules.push({ name, file, ...moduleReport(bytes) });
  }
  if (json) io.json({ modules });
  else for (const report of modules) io.out(...reportParts(report));
  return EXIT.ok;
}

async function modulesAt(given: string): Promise<{ name: string; file: string; bytes: Uint8Array }[]> {
  const location = await pluginLocation(given);
  if (location.kind === 'module') {
    const file = relative('', location.file);
    const bytes = await readModuleFile(location.file, { file }, { maxBytes: READ_AT_MOST });
    return [{ name: 'main', file, bytes }];
  }
  const found = await readPluginFolder(location.folder, { source: 'file' });
  if ('broken' in found) throw found.broken.error;
  return readAll(found.candidate);
}

async function readAll(candidate: PluginCandidate) {
  const modules = [];
  for (const item of candidate.manifest.wasm) {
    const { bytes } = await readArtifact(candidate, item, { maxBytes: READ_AT_MOST });
    modules.push({ name: item.name, file: item.path ?? item.url ?? item.name, bytes });
  }
  return modules;
}
