// Runs every case of the guest ABI on the Extism SDK in the foreground, in a worker, and on cordon/extism, and prints a
// table. `--write` puts it into docs/reference/extism.md. Fails where something differs that is not meant to.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CASES } from './cases.js';
import { runCase } from './run-case.js';
import { between, rowsOf, tableOf } from './table.js';

const SELF = fileURLToPath(import.meta.url);
const DOCS = fileURLToPath(new URL('../../docs/reference/extism.md', import.meta.url));
/** A case that says nothing for so long never will. */
const PATIENCE_MS = 4000;
const HOSTS = ['foreground', 'background', 'cordon'];

const child = process.argv.indexOf('--child');
if (child > 0) await runFrom(process.argv[child + 1], Number(process.argv[child + 2]));
else await main();

/** @param {string | undefined} host @param {number} first */
async function runFrom(host, first) {
  const { createPlugin } = await import(host === 'cordon' ? 'cordon/extism' : '@extism/extism');
  for (let index = first; index < CASES.length; index++) {
    const more =
      host === 'background' ? { runInWorker: true } : host === 'foreground' ? { runInWorker: false } : {};
    const outcome = await runCase(
      createPlugin,
      /** @type {import('./cases.js').Case} */ (CASES[index]),
      more,
    );
    await new Promise((resolve) => process.stdout.write(`${JSON.stringify({ index, outcome })}\n`, resolve));
  }
  process.exit(0);
}

async function main() {
  /** @type {Record<string, string[]>} */
  const columns = {};
  for (const host of HOSTS) columns[host] = await runAll(host);
  const rows = rowsOf(CASES, columns);
  const table = tableOf(rows, process.version);
  console.log(table);
  if (process.argv.includes('--write')) {
    writeFileSync(DOCS, between(readFileSync(DOCS, 'utf8'), table));
  }
  const wrong = rows.filter(({ verdict }) => verdict === 'UNEXPECTED');
  for (const row of wrong)
    console.error(
      `${row.area}: ${row.name}\n  ${HOSTS.map((host) => `${host}: ${/** @type {any} */ (row)[host]}`).join('\n  ')}`,
    );
  process.exitCode = wrong.length > 0 ? 1 : 0;
}

/**
 * Each host in a process of its own, begun anew where a case ended or stopped it.
 * @param {string} host
 */
async function runAll(host) {
  /** @type {string[]} */
  const outcomes = [];
  while (outcomes.length < CASES.length) {
    outcomes.push(...(await runSome(host, outcomes.length)));
  }
  return outcomes;
}

/** @param {string} host @param {number} first */
async function runSome(host, first) {
  const started = spawn(process.execPath, [SELF, '--child', host, String(first)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  /** @type {string[]} */
  const outcomes = [];
  let hangs = false;
  const giveUp = () => {
    hangs = true;
    started.kill('SIGKILL');
  };
  let timer = setTimeout(giveUp, PATIENCE_MS * 3);
  const exited = new Promise((resolve) => started.once('close', resolve));
  for await (const line of createInterface({ input: started.stdout })) {
    if (!line.startsWith('{')) continue;
    outcomes.push(JSON.parse(line).outcome);
    clearTimeout(timer);
    timer = setTimeout(giveUp, PATIENCE_MS);
  }
  clearTimeout(timer);
  await exited;
  if (first + outcomes.length < CASES.length)
    outcomes.push(hangs ? 'never settles' : 'the host process ends');
  return outcomes;
}
