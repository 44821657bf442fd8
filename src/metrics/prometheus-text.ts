/** Names and values of labels; order is kept. */
export type Labels = Readonly<Record<string, string>>;

/** A cumulative histogram: `edges` are upper edges in the unit of the metric, `cumulative` how many are below each. */
export interface HistogramSeries {
  readonly edges: readonly number[];
  readonly cumulative: readonly number[];
  readonly count: number;
  readonly sum: number;
}

/**
 * Writes metrics in Prometheus' text format 0.0.4, family by family. Of several series with the same name and labels the
 * first stays: a page with two is refused as a whole.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export class PrometheusText {
  readonly #lines: string[] = [];

  /** One family of counters or gauges; left out where there is no series. */
  family(
    type: 'counter' | 'gauge',
    name: string,
    help: string,
    series: Iterable<readonly [Labels, number]>,
  ): void {
    const seen = new Set<string>();
    for (const [labels, value] of series) {
      const id = `${name}${labelText(labels)}`;
      if (seen.has(id)) continue;
      if (seen.size === 0) this.#head(type, name, help);
      seen.add(id);
      this.#lines.push(`${id} ${numberText(value)}`);
    }
  }

  /** One family of histograms; left out where there is no series. */
  histograms(name: string, help: string, series: Iterable<readonly [Labels, HistogramSeries]>): void {
    const seen = new Set<string>();
    for (const [labels, { edges, cumulative, count, sum }] of series) {
      const id = labelText(labels);
      if (seen.has(id)) continue;
      if (seen.size === 0) this.#head('histogram', name, help);
      seen.add(id);
      edges.forEach((edge, i) => {
        const le = { ...labels, le: numberText(edge) };
        this.#lines.push(`${name}_bucket${labelText(le)} ${numberText(cumulative[i] ?? count)}`);
      });
      this.#lines.push(
        `${name}_bucket${labelText({ ...labels, le: '+Inf' })} ${numberText(count)}`,
        `${name}_sum${id} ${numberText(sum)}`,
        `${name}_count${id} ${numberText(count)}`,
      );
    }
  }

  toString(): string {
    return this.#lines.length === 0 ? '' : `${this.#lines.join('\n')}\n`;
  }

  #head(type: string, name: string, help: string): void {
    const text = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
    this.#lines.push(`# HELP ${name} ${text}`, `# TYPE ${name} ${type}`);
  }
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}
