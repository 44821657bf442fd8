/**
 * A strict parser of Prometheus' text format 0.0.4, for tests: refuses whatever a scraper would refuse, and what its conventions
 * forbid. Written here so that no dependency is needed; `parse-prometheus-text-format` on npm reads the same, less strictly,
 * and `promtool check metrics` is the reference.
 */
export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: {
    readonly name: string;
    readonly labels: Record<string, string>;
    readonly value: number;
  }[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const NUMBER = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?Inf|NaN)$/;

export function parsePrometheus(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line must end in a line feed');
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let open: { name: string; help: string } | undefined;
  let current: string | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const help = /^# HELP (\S+) (.*)$/s.exec(line);
    const type = /^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/.exec(line);
    if (help) {
      if (families.has(help[1]!)) throw new Error(`family ${help[1]} comes twice`);
      open = { name: help[1]!, help: unescaped(help[2]!, '\\n') };
    } else if (type) {
      const name = type[1]!;
      if (open?.name !== name) throw new Error(`TYPE of ${name} does not follow its HELP`);
      if (!NAME.test(name)) throw new Error(`bad name ${name}`);
      families.set(name, { type: type[2]!, help: open.help, samples: [] });
      current = name;
      open = undefined;
    } else {
      if (open) throw new Error(`HELP of ${open.name} without TYPE`);
      const sample = parseSample(line);
      const family = current === undefined ? undefined : families.get(current);
      const allowed =
        family?.type === 'histogram'
          ? [`${current}_bucket`, `${current}_sum`, `${current}_count`]
          : [current];
      if (!family || !allowed.includes(sample.name)) throw new Error(`${sample.name} is not in its family`);
      const id = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`;
      if (seen.has(id)) throw new Error(`${id} comes twice`);
      seen.add(id);
      family.samples.push(sample);
    }
  }
  if (open) throw new Error(`HELP of ${open.name} without TYPE`);
  for (const [name, family] of families) checkFamily(name, family);
  return families;
}

function parseSample(line: string): Family['samples'][number] {
  const head = /^([^\s{]+)/.exec(line);
  if (!head || !NAME.test(head[1]!)) throw new Error(`no sample: ${line}`);
  let at = head[1]!.length;
  const labels: Record<string, string> = {};
  if (line[at] === '{') {
    at++;
    for (;;) {
      const pair = /^([^=]+)="((?:[^"\\]|\\.)*)"(,|\})/s.exec(line.slice(at));
      if (!pair || !LABEL.test(pair[1]!)) throw new Error(`bad labels: ${line}`);
      if (Object.hasOwn(labels, pair[1]!)) throw new Error(`label ${pair[1]} comes twice: ${line}`);
      labels[pair[1]!] = unescaped(pair[2]!, '\\n"');
      at += pair[0].length;
      if (pair[3] === '}') break;
    }
  }
  const value = /^ (\S+)$/.exec(line.slice(at));
  if (!value || !NUMBER.test(value[1]!)) throw new Error(`bad value: ${line}`);
  return { name: head[1]!, labels, value: toNumber(value[1]!) };
}

function unescaped(text: string, allowed: string): string {
  return text.replace(/\\(.)/gs, (_, char: string) => {
    if (!allowed.includes(char)) throw new Error(`bad escape \\${char}`);
    return char === 'n' ? '\n' : char;
  });
}

function toNumber(text: string): number {
  return Number(text.replace('Inf', 'Infinity'));
}

function checkFamily(name: string, { type, help, samples }: Family): void {
  if (help === '') throw new Error(`${name} has no help`);
  if (samples.length === 0) throw new Error(`${name} has no samples`);
  if ((type === 'counter') !== name.endsWith('_total')) throw new Error(`${name} is a ${type}`);
  if (/_(ms|milliseconds|kb|mb)(_|$)/.test(name)) throw new Error(`${name} has no base unit`);
  if (type === 'counter' && samples.some(({ value }) => !(value >= 0))) throw new Error(`${name} is below 0`);
  if (type === 'histogram') checkHistogram(name, samples);
}

function checkHistogram(name: string, samples: Family['samples']): void {
  const series = new Map<string, { le: number; value: number }[]>();
  const counts = new Map<string, number>();
  const sums = new Set<string>();
  for (const sample of samples) {
    const { le, ...labels } = sample.labels;
    const id = JSON.stringify(labels);
    if (sample.name === `${name}_bucket`) {
      if (le === undefined) throw new Error(`${name}: a bucket without le`);
      series.set(id, [...(series.get(id) ?? []), { le: toNumber(le), value: sample.value }]);
    } else if (sample.name === `${name}_count`) counts.set(id, sample.value);
    else sums.add(id);
  }
  if (counts.size !== series.size) throw new Error(`${name}: buckets and counts differ`);
  for (const [id, buckets] of series) {
    buckets.forEach((bucket, i) => {
      const before = buckets[i - 1];
      if (before && !(bucket.le > before.le && bucket.value >= before.value)) {
        throw new Error(`${name}${id}: buckets are not cumulative`);
      }
    });
    const last = buckets.at(-1)!;
    if (last.le !== Number.POSITIVE_INFINITY || last.value !== counts.get(id) || !sums.has(id)) {
      throw new Error(`${name}${id}: +Inf, _count and _sum do not fit`);
    }
  }
}
