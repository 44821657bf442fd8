import { realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { cordonError } from '../errors/cordon-error.js';
import { describePlugin, type FileSubject } from '../integrity/module-too-large.js';
import { fileProblem } from '../integrity/read-file.js';

/**
 * The real path of a file that a plugin names, which must lie in the plugin's folder also after every symbolic link is
 * followed. `remedy` says what to change where there is none.
 * @throws ERR_MANIFEST where it leads outside or to nothing.
 */
export async function containedPath(
  folder: string,
  subject: FileSubject,
  remedy = 'Correct the path in plugin.json, or build the file.',
): Promise<string> {
  const { file } = subject;
  const owner = subject.plugin === undefined ? '' : ` of ${describePlugin(subject)}`;
  const refuse = (problem: string, cause?: unknown) =>
    cordonError('ERR_MANIFEST', `The file ${file}${owner} ${problem}`, {
      plugin: subject.plugin,
      version: subject.version,
      cause,
      details: { file, folder },
    });
  if (isAbsolute(file) || file.includes('\0')) {
    throw refuse('is not a path relative to its plugin.json. Write one that is.');
  }
  let root: string;
  let path: string;
  try {
    root = await realpath(folder);
    path = await realpath(join(root, file));
  } catch (error) {
    throw refuse(`cannot be read from ${folder}: ${fileProblem(error)}. ${remedy}`, error);
  }
  const way = relative(root, path);
  if (way === '' || way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) {
    throw refuse(`leads out of the plugin’s folder ${folder}. Move the file into the folder.`);
  }
  return path;
}
