// @ts-check
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const child = fileURLToPath(new URL('../memory-child.js', import.meta.url));

/** @param {string} peer @param {number[]} counts @returns {Promise<{ count: number, kib: number, instances: number }[]>} */
async function marks(peer, counts) {
  const args = ['--expose-gc', '--disable-warning=ExperimentalWarning', child, peer, ...counts.map(String)];
  const { stdout } = await run(process.execPath, args);
  return JSON.parse(stdout);
}

/** @type {import('../bench.js').Row} */
export default {
  name: 'memory',
  title: 'Memory of a loaded plugin that was called once',
  unit: 'KiB each',
  better: 'lower',
  log: true,
  bar: [
    { says: '… KiB each, 1 000 plugins', atMost: 40, of: (round) => round['cordon, 1 000'] },
    {
      says: '… × as much for each of the next 9 000',
      atMost: 1,
      of: (round) => round['cordon, from 1 000 to 10 000'] / round['cordon, 1 000'],
    },
  ],
  async run(bench) {
    const [few, many, sdk] = bench.smoke ? [50, 100, 2] : [1000, 10_000, 50];
    bench.note(`the SDK in the background: ${sdk} plugins`);
    let at = 0;
    /** @type {Awaited<ReturnType<typeof marks>>[]} */
    const both = [];
    return bench.compare(
      {
        'cordon, 1 000': async () => {
          both.push(await marks('cordon', [few, many]));
          return both.at(-1)?.[0]?.kib ?? Number.NaN;
        },
        // Of the same process.
        'cordon, from 1 000 to 10 000': async () => both[at++]?.[1]?.kib ?? Number.NaN,
        background: async () => (await marks('background', [sdk]))[0]?.kib ?? Number.NaN,
      },
      { rounds: 1, warmUp: 0 },
    );
  },
};
