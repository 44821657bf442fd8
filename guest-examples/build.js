// @ts-check
// Builds the example guests, and tells whether what is committed belongs together.
//
//   node guest-examples/build.js [name…]             builds all, or those named, and writes build.lock.json
//   node guest-examples/build.js --check             compares sources and binaries with build.lock.json; builds nothing
//   node guest-examples/build.js --rebuild [name…]   checks, then copies each folder out, builds it there, and compares
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * What is recorded of a guest: with what it was built, and SHA-256 of what went in and came out.
 * @typedef {{ toolchain: string, sources: string, wasm: string, bytes: number }} Entry
 */

const root = fileURLToPath(new URL('.', import.meta.url));
const shared = join(root, 'assemblyscript-bindings', 'assembly');
const lockPath = join(root, 'build.lock.json');

/** The folders that asc builds. */
const names = readdirSync(root)
  .filter((name) => existsSync(join(root, name, 'asconfig.json')))
  .sort();

/** @param {string | Buffer} data */
const sha256 = (data) => createHash('sha256').update(data).digest('hex');

/** @param {string} name */
const wasmPath = (name) => join(root, name, `${name}.wasm`);

/**
 * A text file as it is hashed: the same whatever line ends a checkout has.
 * @param {string} path
 */
const text = (path) => readFileSync(path, 'utf8').replaceAll('\r\n', '\n');

/**
 * The sources of a guest, relative to its folder.
 * @param {string} name
 */
function sourcesOf(name) {
  const assembly = readdirSync(join(root, name, 'assembly')).filter((file) => file.endsWith('.ts'));
  return ['asconfig.json', ...assembly.sort().map((file) => `assembly/${file}`)];
}

/** @param {string} name */
function hashSources(name) {
  return sha256(
    sourcesOf(name)
      .map((file) => `${file} ${sha256(text(join(root, name, file)))}\n`)
      .join(''),
  );
}

/**
 * The files that a guest has from `assemblyscript-bindings`: those of the same name.
 * @param {string} name
 */
function copiesIn(name) {
  return readdirSync(shared)
    .filter((file) => file.endsWith('.ts') && existsSync(join(root, name, 'assembly', file)))
    .map((file) => ({ file, from: join(shared, file), to: join(root, name, 'assembly', file) }));
}

/** @returns {string} the version of asc that is installed */
function toolchain() {
  const manifest = fileURLToPath(import.meta.resolve('assemblyscript/package.json'));
  return `assemblyscript ${JSON.parse(readFileSync(manifest, 'utf8')).version}`;
}

/** @param {string} folder */
function compile(folder) {
  const asc = fileURLToPath(import.meta.resolve('assemblyscript/bin/asc.js'));
  execFileSync(process.execPath, [asc, '--config', 'asconfig.json'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

/** @returns {Record<string, Entry>} */
function readLock() {
  return existsSync(lockPath) ? JSON.parse(readFileSync(lockPath, 'utf8')).guests : {};
}

/** @param {readonly string[]} wanted */
function build(wanted) {
  const lock = readLock();
  for (const name of wanted) {
    for (const copy of copiesIn(name)) writeFileSync(copy.to, text(copy.from));
    compile(join(root, name));
    const wasm = readFileSync(wasmPath(name));
    lock[name] = {
      toolchain: toolchain(),
      sources: hashSources(name),
      wasm: sha256(wasm),
      bytes: wasm.length,
    };
    console.log(`${name.padEnd(16)} ${String(wasm.length).padStart(7)} bytes`);
  }
  const guests = Object.fromEntries(names.flatMap((name) => (lock[name] ? [[name, lock[name]]] : [])));
  writeFileSync(lockPath, `${JSON.stringify({ lockVersion: 1, guests }, null, 2)}\n`);
}

/** @returns {string[]} what does not belong together, a sentence each */
function check() {
  const lock = readLock();
  const problems = Object.keys(lock)
    .filter((name) => !names.includes(name))
    .map((name) => `${name}: is in build.lock.json, but not here`);
  for (const name of names) {
    const entry = lock[name];
    if (!entry) {
      problems.push(`${name}: is not in build.lock.json`);
      continue;
    }
    for (const { file, from, to } of copiesIn(name)) {
      if (text(from) !== text(to))
        problems.push(`${name}: assembly/${file} differs from assemblyscript-bindings/${file}`);
    }
    if (hashSources(name) !== entry.sources)
      problems.push(`${name}: its sources are not those that it was built from`);
    if (!existsSync(wasmPath(name))) problems.push(`${name}: ${name}.wasm is missing`);
    else if (sha256(readFileSync(wasmPath(name))) !== entry.wasm) {
      problems.push(`${name}: ${name}.wasm is not what was built`);
    }
  }
  return problems;
}

/**
 * @param {readonly string[]} wanted
 * @returns {string[]} what comes out different, a sentence each
 */
function rebuild(wanted) {
  const lock = readLock();
  const directory = mkdtempSync(join(tmpdir(), 'guests-'));
  const problems = [];
  try {
    for (const name of wanted) {
      const folder = join(directory, name);
      cpSync(join(root, name), folder, { recursive: true });
      rmSync(join(folder, `${name}.wasm`), { force: true });
      compile(folder);
      if (sha256(readFileSync(join(folder, `${name}.wasm`))) === lock[name]?.wasm) continue;
      const was = lock[name]?.toolchain;
      const hint = was === toolchain() ? '' : `; it was built with ${was}, this is ${toolchain()}`;
      problems.push(`${name}: builds to other bytes than ${name}.wasm has${hint}`);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  return problems;
}

const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const asked = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const wanted = asked.length > 0 ? asked : names;
const misused = [
  ...flags
    .filter((flag) => flag !== '--check' && flag !== '--rebuild')
    .map((flag) => `${flag}: no such option`),
  ...asked
    .filter((name) => !names.includes(name))
    .map((name) => `${name}: no such guest; there are ${names.join(', ')}`),
];
if (misused.length > 0) {
  console.error(misused.join('\n'));
  process.exitCode = 2;
} else if (flags.length === 0) {
  build(wanted);
} else {
  const problems = [...check(), ...(flags.includes('--rebuild') ? rebuild(wanted) : [])];
  if (problems.length > 0) {
    console.error(`${problems.join('\n')}\n\`npm run guests\` builds what was changed.`);
    process.exitCode = 1;
  }
}
