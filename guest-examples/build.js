// @ts-check
// Builds the example guests, and tells whether what is committed belongs together.
//
//   node guest-examples/build.js [name…]             builds all, or those named, and writes build.lock.json; of all, it
//                                                    skips those whose toolchain is not here, and says so
//   node guest-examples/build.js --check             compares sources and binaries with build.lock.json; builds nothing
//   node guest-examples/build.js --rebuild [name…]   checks, then copies each folder out, builds it there, and compares
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * What is recorded of a guest: with what it was built, and SHA-256 of what went in and came out.
 * @typedef {{ toolchain: string, sources: string, wasm: string, bytes: number }} Entry
 */

const root = fileURLToPath(new URL('.', import.meta.url));
const lockPath = join(root, 'build.lock.json');

/**
 * A toolchain: how its guests are known, where their sources are, and what of them is shared.
 * @typedef {{ marker: RegExp, sources: readonly RegExp[], shared?: string, version: (name: string) => string | undefined }} Language
 */

/** @type {Record<string, Language>} */
const languages = {
  assemblyscript: {
    marker: /^asconfig\.json$/,
    sources: [/^asconfig\.json$/, /^assembly\/[^/]+\.ts$/],
    shared: 'assemblyscript-bindings',
    version: () => versionOfPackage('assemblyscript'),
  },
  rust: {
    marker: /^Cargo\.toml$/,
    sources: [/^Cargo\.(toml|lock)$/, /^build\.sh$/, /^src\/[^/]+\.rs$/],
    version: (name) => rust(name).version,
  },
  go: {
    marker: /^go\.mod$/,
    sources: [/^go\.(mod|sum)$/, /^build\.sh$/, /^[^/]+\.go$/],
    version: () => printed('go', ['env', 'GOVERSION']),
  },
  c: {
    marker: /\.c$/,
    sources: [/^[^/]+\.[ch]$/, /^build\.sh$/],
    shared: 'c-bindings',
    version: () =>
      printed(process.env.CLANG ?? 'clang-19', ['--version'])?.replace(/^.*(clang version \S+).*$/, '$1'),
  },
  zig: {
    marker: /\.zig$/,
    sources: [/^[^/]+\.zig$/, /^build\.sh$/],
    shared: 'zig-bindings',
    version: () => printed(process.env.ZIG ?? 'zig', ['version'], 'zig '),
  },
  wat: {
    marker: /\.wat$/,
    sources: [/^[^/]+\.wat$/],
    version: () => versionOfPackage('wabt'),
  },
};

/** @param {string} name */
function versionOfPackage(name) {
  const manifest = join(root, '..', 'node_modules', name, 'package.json');
  return existsSync(manifest) ? `${name} ${JSON.parse(readFileSync(manifest, 'utf8')).version}` : undefined;
}

/**
 * The first line that a program prints; undefined where it is not here.
 * @param {string} command
 * @param {readonly string[]} argv
 */
function printed(command, argv, before = '') {
  const { status, stdout } = spawnSync(command, argv, { encoding: 'utf8' });
  return status === 0 ? `${before}${stdout.split('\n', 1)[0]}` : undefined;
}

/**
 * Rust, where it has the standard library for the target of this guest; or its source (of a nightly, or with
 * `RUSTC_BOOTSTRAP=1`), which is then built along.
 * @param {string} name
 * @returns {{ version?: string, env?: Record<string, string> }}
 */
function rust(name) {
  const rustc = process.env.RUSTC ?? 'rustc';
  const [target = 'wasm32-wasip1'] = text(join(root, name, 'build.sh')).match(/wasm32-[a-z0-9-]+/) ?? [];
  const version = printed(rustc, ['--version'])?.split(' ').slice(0, 2).join(' ');
  const folder = printed(rustc, ['--print', 'target-libdir', '--target', target]);
  if (version === undefined || folder === undefined) return {};
  if (existsSync(folder)) return { version };
  const source = join(printed(rustc, ['--print', 'sysroot']) ?? '', 'lib/rustlib/src/rust/library');
  const isAllowed = process.env.RUSTC_BOOTSTRAP === '1' || version.includes('nightly');
  if (!isAllowed || target !== 'wasm32-unknown-unknown' || !existsSync(source)) return {};
  return {
    version: `${version} with std from source`,
    env: { CARGO_BUILD_FLAGS: '-Z build-std=std,panic_abort' },
  };
}

/**
 * What the guests of a folder are written in.
 * @param {string} name
 */
function languageOf(name) {
  const files = readdirSync(join(root, name));
  // Shared files alone are no guest.
  if (!files.includes('plugin.json')) return undefined;
  return Object.values(languages).find(({ marker }) => files.some((file) => marker.test(file)));
}

/** The folders that are built. */
const names = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && languageOf(entry.name) !== undefined)
  .map((entry) => entry.name)
  .sort();

/** @param {string} name @returns {Language} */
function language(name) {
  const known = languageOf(name);
  if (known === undefined) throw new Error(`${name} is no guest`);
  return known;
}

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
  const { sources } = language(name);
  const folders = ['', ...['assembly', 'src'].filter((folder) => existsSync(join(root, name, folder)))];
  return folders
    .flatMap((folder) =>
      readdirSync(join(root, name, folder)).map((file) => (folder ? `${folder}/${file}` : file)),
    )
    .filter((file) => sources.some((pattern) => pattern.test(file)))
    .sort(bytewise);
}

/**
 * The order of a file's name that does not depend on where this runs.
 * @param {string} a
 * @param {string} b
 */
function bytewise(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
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
 * The files that a guest has from the bindings of its language: those of the same name.
 * @param {string} name
 */
function copiesIn(name) {
  const { shared } = language(name);
  if (shared === undefined) return [];
  const inner = existsSync(join(root, shared, 'assembly')) ? 'assembly' : '';
  return readdirSync(join(root, shared, inner))
    .filter(
      (file) => ['.ts', '.h', '.zig'].includes(extname(file)) && existsSync(join(root, name, inner, file)),
    )
    .map((file) => ({
      file: join(inner, file),
      bindings: shared,
      from: join(root, shared, inner, file),
      to: join(root, name, inner, file),
    }));
}

/**
 * Builds as the folder's own package.json says, with the programs of the packages that are installed here.
 * @param {string} folder
 * @param {string} name
 */
function compile(folder, name) {
  const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const programs = join(root, '..', 'node_modules', '.bin');
  execFileSync(scripts.build, {
    cwd: folder,
    shell: true,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      PATH: `${programs}${delimiter}${process.env.PATH}`,
      ...(language(name) === languages.rust && rust(name).env),
    },
  });
}

/** @returns {Record<string, Entry>} */
function readLock() {
  return existsSync(lockPath) ? JSON.parse(readFileSync(lockPath, 'utf8')).guests : {};
}

/** @type {string[]} those whose toolchain is not here */
const skipped = [];

/** @param {readonly string[]} wanted */
function build(wanted) {
  const lock = readLock();
  for (const name of wanted) {
    const toolchain = language(name).version(name);
    if (toolchain === undefined) {
      skipped.push(name);
      continue;
    }
    for (const copy of copiesIn(name)) writeFileSync(copy.to, text(copy.from));
    compile(join(root, name), name);
    const wasm = readFileSync(wasmPath(name));
    lock[name] = {
      toolchain,
      sources: hashSources(name),
      wasm: sha256(wasm),
      bytes: wasm.length,
    };
    console.log(`${name.padEnd(24)} ${String(wasm.length).padStart(7)} bytes`);
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
    for (const { file, bindings, from, to } of copiesIn(name)) {
      if (text(from) !== text(to))
        problems.push(`${name}: ${file} differs from ${bindings}/${basename(file)}`);
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
      const was = lock[name]?.toolchain;
      const now = language(name).version(name);
      if (now === undefined) {
        skipped.push(name);
        continue;
      }
      const folder = join(directory, name);
      cpSync(join(root, name), folder, { recursive: true, filter: (path) => basename(path) !== 'target' });
      rmSync(join(folder, `${name}.wasm`), { force: true });
      compile(folder, name);
      if (sha256(readFileSync(join(folder, `${name}.wasm`))) === lock[name]?.wasm) continue;
      if (was !== now) {
        console.log(`${name}: other bytes, as it was built with ${was} and this is ${now}`);
        continue;
      }
      problems.push(`${name}: builds to other bytes than ${name}.wasm has`);
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
if (skipped.length > 0) {
  console.log(`Skipped, as their toolchains are not on this machine: ${skipped.join(', ')}.`);
  if (asked.some((name) => skipped.includes(name))) process.exitCode = 1;
}
