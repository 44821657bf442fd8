// The corpus against the raw Extism SDK, each attack in a process of its own, beside what Cordon does with it:
//
//   npm run compare                      prints the comparison as Markdown
//   npm run compare -- --write           writes it into docs/comparison.md
//   npm run compare -- --resume <file>   keeps what is known so far in a file, and goes on from there
//   npm run compare -- --only <text>     attacks whose topic or name contains it, with all that is known of each
//
// What hangs or is lost depends on the machine's load too: it is tried twice, and the better result counts. A process is ended when it takes 3 GiB or 60 s, so that the machine survives.

import { execFile, fork } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { CORPUS } from './corpus/index.js';
import { openWorld } from './world.js';

const GiB = 1024 ** 3;
const LANES = 4;
const MAX_BYTES = 3 * GiB;
const MAX_MS = 60_000;
/** After its report a process has nothing left to do. */
const END_MS = 8000;
/** As in corpus.test.ts: what an attack with 16 MiB may make the process grow by. */
const PEAK_BYTES = 384 * 1024 * 1024;
const PAGE = new URL('../../docs/comparison.md', import.meta.url);

const option = (/** @type {string} */ name) =>
  process.argv.includes(name) ? (process.argv[process.argv.indexOf(name) + 1] ?? '') : undefined;
const only = option('--only');
const resume = option('--resume');
const wanted = CORPUS.map((attack, index) => ({ attack, index })).filter(
  ({ attack }) => only === undefined || `${attack.topic}: ${attack.name}`.includes(only),
);
/** From the best to the worst. */
const BETTER = /** @type {const} */ (['held', 'hung', 'not held', 'crashed']);
/** @type {Map<number, Verdict>} */
const verdicts = new Map();
/** How often each was tried. @type {Map<number, number>} */
const tries = new Map();
if (resume && existsSync(resume)) recall(resume);
const queue = wanted.filter(({ attack, index }) => !attack.cordonOnly && isOpen(index));
await Promise.all(Array.from({ length: LANES }, lane));

if (only !== undefined) {
  for (const { attack, index } of wanted)
    console.log(`${attack.topic}: ${attack.name}\n    ${JSON.stringify(verdicts.get(index))}`);
} else {
  const markdown = page(await cordon());
  if (process.argv.includes('--write')) write(markdown);
  else console.log(markdown);
}

/**
 * @typedef {'held' | 'not held' | 'hung' | 'crashed'} Class
 * @typedef {{ readonly class: Class, readonly text: string }} Verdict
 */

/** @param {number} index */
function isOpen(index) {
  const known = verdicts.get(index);
  return known === undefined || (known.class === 'hung' && (tries.get(index) ?? 0) < 2);
}

/** @param {string} file */
function remember(file) {
  const known = [...verdicts].map(([index, verdict]) => [
    nameOf(index),
    { verdict, tries: tries.get(index) },
  ]);
  writeFileSync(file, JSON.stringify(Object.fromEntries(known)));
}

/** @param {string} file */
function recall(file) {
  const known = JSON.parse(readFileSync(file, 'utf8'));
  for (const { index } of wanted) {
    const found = known[nameOf(index)];
    if (!found) continue;
    verdicts.set(index, found.verdict);
    tries.set(index, found.tries);
  }
}

/** @param {number} index */
function nameOf(index) {
  return `${CORPUS[index]?.topic}: ${CORPUS[index]?.name}`;
}

async function lane() {
  const place = await openWorld();
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { attack, index } = next;
    place.reset();
    const verdict = await attackSdk(attack, index, place);
    const known = verdicts.get(index);
    if (!known || BETTER.indexOf(verdict.class) < BETTER.indexOf(known.class)) verdicts.set(index, verdict);
    tries.set(index, (tries.get(index) ?? 0) + 1);
    if (isOpen(index)) queue.push(next);
    if (resume) remember(resume);
    process.stderr.write(`${attack.topic}: ${attack.name}: ${verdict.class} ${verdict.text}\n`);
  }
  await place.close();
}

/**
 * @param {import('./corpus/attack.js').Attack} attack
 * @param {number} index
 * @param {Awaited<ReturnType<typeof openWorld>>} place
 * @returns {Promise<Verdict>}
 */
function attackSdk(attack, index, place) {
  return new Promise((resolve) => {
    const started = Date.now();
    const child = fork(
      new URL('extism-child.js', import.meta.url),
      [JSON.stringify({ index, world: place.world })],
      {
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        env: { PATH: process.env.PATH ?? '', HOSTILE_SECRET: 'yes' },
      },
    );
    let stderr = '';
    let startBytes = 0;
    let peakBytes = 0;
    /** @type {any} */
    let report;
    let reportedAt = 0;
    let killedFor = '';
    child.stderr?.on('data', (data) => {
      stderr = `${stderr}${data}`.slice(0, 50_000);
    });
    child.on('message', (/** @type {any} */ { kind, value }) => {
      if (kind === 'start') startBytes = value;
      if (kind === 'report') {
        report = value;
        reportedAt = Date.now();
        report.seen = place.seen();
      }
    });
    const kill = (/** @type {string} */ why) => {
      killedFor ||= why;
      child.kill('SIGKILL');
    };
    const watch = setInterval(() => {
      const bytes = residentBytes(child.pid);
      if (startBytes > 0) peakBytes = Math.max(peakBytes, bytes);
      if (bytes > MAX_BYTES) kill('memory');
      else if (report ? Date.now() - reportedAt > END_MS : Date.now() - started > MAX_MS) kill('time');
    }, 50);
    child.on('close', (code, signal) => {
      clearInterval(watch);
      const grown = peakBytes - startBytes;
      resolve(judge(attack, { report, killedFor, code, signal, stderr, grown, place }));
    });
  });
}

/**
 * @param {import('./corpus/attack.js').Attack} attack
 * @param {{ report: any, killedFor: string, code: number | null, signal: string | null, stderr: string, grown: number, place: Awaited<ReturnType<typeof openWorld>> }} seen
 * @returns {Verdict}
 */
function judge(attack, { report, killedFor, code, signal, stderr, grown, place }) {
  if (killedFor === 'memory')
    return { class: 'crashed', text: 'the process took more than 3 GiB and was ended' };
  if (!report) {
    if (killedFor) return { class: 'hung', text: 'the event loop of the whole process stands still' };
    const why = /^\w*Error(?: \[\w+\])?: [^\n]*|^FATAL ERROR[^\n]*|^# Fatal[^\n]*/m.exec(stderr)?.[0] ?? '';
    return {
      class: 'crashed',
      text: `the process ended with ${signal ?? code}${why && `: ${why.slice(0, 100)}`}`,
    };
  }
  const got = attack.got({ ...report, ...report.seen }, place.world);
  if (got) return { class: 'not held', text: got };
  if (grown > PEAK_BYTES)
    return { class: 'not held', text: `the process grew by ${Math.round(grown / 1024 / 1024)} MiB` };
  const stuck = report.outcomes.find((/** @type {any} */ { pending }) => pending);
  if (stuck)
    return {
      class: 'hung',
      text: stuck.fn === 'load' ? 'createPlugin does not settle' : 'the call does not settle',
    };
  if (report.after.length > 0) return { class: 'hung', text: report.after.join(', ') };
  if (killedFor) return { class: 'hung', text: 'after close() the process does not end' };
  if (code !== 0) return { class: 'crashed', text: `the process ended with ${signal ?? code} after close()` };
  return { class: 'held', text: '' };
}

/** @param {number | undefined} pid */
function residentBytes(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0; // It has ended.
  }
}

/** What Cordon makes of the same corpus. @returns {Promise<any>} */
function cordon() {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [new URL('run-corpus.js', import.meta.url).pathname, '--json'],
      { maxBuffer: 64 * 1024 * 1024 },
      (error, stdout) => {
        if (error) reject(error);
        else resolve(JSON.parse(stdout.trim().split('\n').pop() ?? ''));
      },
    );
  });
}

/** @param {any} report */
function page(report) {
  const sdk = JSON.parse(
    readFileSync(new URL('../../node_modules/@extism/extism/package.json', import.meta.url), 'utf8'),
  ).version;
  const own = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
  const topics = [...new Set(CORPUS.map(({ topic }) => topic))];
  const of = (/** @type {string} */ topic) => wanted.filter(({ attack }) => attack.topic === topic);
  const count = (/** @type {typeof wanted} */ list, /** @type {Class} */ kind) =>
    list.filter(({ index }) => verdicts.get(index)?.class === kind).length;
  const both = (/** @type {typeof wanted} */ list) => list.filter(({ attack }) => !attack.cordonOnly);
  const heldByCordon = (/** @type {typeof wanted} */ list) =>
    list.filter(({ index }) => report.cases[index].problems.length === 0).length;
  const row = (/** @type {string} */ name, /** @type {typeof wanted} */ list) => {
    const counts = /** @type {const} */ (['held', 'not held', 'hung', 'crashed']).map((kind) =>
      count(list, kind),
    );
    return `| ${name} | ${list.length} | ${heldByCordon(list)} | ${counts.join(' | ')} |`;
  };
  const all = both(wanted);
  const summary = [
    '| topic | attacks | Cordon: held | SDK: held | not held | hung or unusable | crashed |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...topics.map((topic) => row(topic, both(of(topic)))),
    row('**all**', all),
  ];
  const details = topics.flatMap((topic) => [
    '',
    `### ${topic[0]?.toUpperCase()}${topic.slice(1)}`,
    '',
    '| attack | Cordon | the SDK |',
    '| --- | --- | --- |',
    ...of(topic).map(({ attack, index }) => {
      const verdict = verdicts.get(index);
      const { problems, outcomes } = report.cases[index];
      const ended = [...new Set(outcomes.slice(1).concat(outcomes[0] === 'ok' ? [] : outcomes[0]))]
        .map((text) => String(text).split(' ')[0])
        .filter((text, i, list) => list.indexOf(text) === i);
      const codes = ended
        .filter((text) => text !== 'ok')
        .map((text) => `\`${text}\``)
        .join(', ');
      const here = problems.length > 0 ? `**not held**: ${problems[0]}` : codes || 'held';
      const there = !verdict
        ? 'does not apply'
        : verdict.class === 'held'
          ? 'held'
          : `**${verdict.class}**: ${verdict.text}`;
      return `| ${cell(attack.name)} | ${cell(here)} | ${cell(there)} |`;
    }),
  ]);
  return [
    `Measured on ${new Date().toISOString().slice(0, 10)} with Node ${process.versions.node} on ${process.platform} ${process.arch}: Cordon ${own}, @extism/extism ${sdk}, ${all.length} attacks on both`,
    `(${wanted.length - all.length} more are about what only Cordon has). The machine was busy otherwise: what hung was tried a second time, and the better result counts.`,
    '',
    ...summary,
    '',
    '## Attack by attack',
    '',
    'A code is how Cordon ended the call or refused the load; "held" alone means that the call ended well and the guest got nothing by it.',
    ...details,
  ].join('\n');
}

/** @param {string} text */
function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('__', '\\_\\_').slice(0, 220);
}

/** @param {string} markdown */
function write(markdown) {
  const text = readFileSync(PAGE, 'utf8');
  const [head] = text.split('<!-- compare:begin -->');
  const tail = text.split('<!-- compare:end -->')[1];
  if (head === undefined || tail === undefined) throw new Error('docs/comparison.md lacks its markers');
  writeFileSync(PAGE, `${head}<!-- compare:begin -->\n\n${markdown}\n\n<!-- compare:end -->${tail}`);
}
