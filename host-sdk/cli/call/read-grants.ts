import { fileProblem, readFileCapped } from '../../../src/integrity/read-file.js';
import type { PermissionsInput } from '../../../src/manifest/permissions-schema.js';
import { UsageError } from '../usage-error.js';

const MAX_BYTES = 1024 * 1024;
const LISTS = ['http', 'env', 'hostFunctions', 'plugins'] as const;
type ListName = (typeof LISTS)[number];

interface Grants {
  http: unknown[];
  env: unknown[];
  hostFunctions: unknown[];
  plugins: unknown[];
  fs: { read: Record<string, unknown>; write: Record<string, unknown> };
}

/** What `--grant` gave, all of it together. The host judges what is in it. @throws UsageError */
export async function readGrants(given: readonly string[]): Promise<PermissionsInput> {
  const all: Grants = { http: [], env: [], hostFunctions: [], plugins: [], fs: { read: {}, write: {} } };
  for (const one of given) {
    const short = /^(http|env|hostFunctions|plugins|fs\.read|fs\.write)=(.*)$/s.exec(one);
    if (short) addShort(all, short[1]!, short[2]!, one);
    else addJson(all, one.trimStart().startsWith('{') ? one : await fileText(one), one);
  }
  return all as PermissionsInput;
}

function addShort(all: Grants, what: string, value: string, given: string): void {
  if (what !== 'fs.read' && what !== 'fs.write') {
    all[what as ListName].push(...value.split(','));
    return;
  }
  const at = value.indexOf(':');
  if (at < 1 || at === value.length - 1) {
    throw new UsageError(`--grant ${given} is not ${what}=<guest path>:<path>, such as ${what}=/data:./data`);
  }
  all.fs[what === 'fs.read' ? 'read' : 'write'][value.slice(0, at)] = value.slice(at + 1);
}

function addJson(all: Grants, text: string, given: string): void {
  const where = text === given ? '' : ` ${given}`;
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(`--grant${where} is not JSON: ${(error as Error).message}`);
  }
  for (const [key, part] of Object.entries(value)) {
    if (LISTS.some((name) => name === key) && Array.isArray(part)) all[key as ListName].push(...part);
    else if (key === 'fs' && typeof part === 'object' && part !== null) {
      const { read, write, ...rest } = part as Record<string, object>;
      Object.assign(all.fs.read, read);
      Object.assign(all.fs.write, write);
      // What is wrong is the host's to say, which knows the whole shape.
      Object.assign(all.fs, rest);
    } else Object.assign(all, { [key]: part });
  }
}

async function fileText(path: string): Promise<string> {
  try {
    const bytes = await readFileCapped(path, {
      maxBytes: MAX_BYTES,
      tooLarge: (observed) => new Error(`it has ${observed} bytes, and at most ${MAX_BYTES} are read`),
    });
    return Buffer.from(bytes).toString('utf8');
  } catch (error) {
    throw new UsageError(
      `--grant ${path} is no short form (http=…, env=…, fs.read=…), no JSON, and no file that can be read: ${fileProblem(error)}`,
    );
  }
}
