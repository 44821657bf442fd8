import { describe, expect, it } from 'vitest';
import { barChart, lineChart } from './svg-chart.js';

const paths = (svg: string) => [...svg.matchAll(/<path class="line s\d" d="([^"]*)"/g)].map(([, d]) => d);

describe('a line chart', () => {
  it('spans the plot: low values low, the first left, the last right', () => {
    const svg = lineChart({ title: 't', x: [0, 5, 10], series: [{ name: 'a', values: [0, 50, 100] }] });
    expect(paths(svg)).toEqual(['M64 260L404 152L744 44']);
  });

  it('leaves a gap where there is no value, and on a logarithmic one where it is not above 0', () => {
    const x = [0, 1, 2, 3];
    const series = [{ name: 'a', values: [1, null, 0, 10] }];
    expect(paths(lineChart({ title: 't', x, series }))[0]!.match(/M/g)).toHaveLength(2);
    expect(paths(lineChart({ title: 't', x, series, log: true }))).toEqual(['M64 260M744 44']);
  });

  it('is the same bytes for the same input, and lets no text out of its place', () => {
    const chart = { title: '<script>"&', x: [0, 1], series: [{ name: 'a', values: [1, 2] }], unit: '<b>' };
    const svg = lineChart(chart);
    expect(lineChart(chart)).toBe(svg);
    expect(svg).toContain('&lt;script&gt;&quot;&amp; (&lt;b&gt;)');
    expect(svg).not.toContain('<script>');
  });

  it.each([
    ['no value at all', { x: [], series: [{ name: 'a', values: [] }] }],
    ['one value', { x: [3], series: [{ name: 'a', values: [7] }] }],
    ['the same value always', { x: [0, 1], series: [{ name: 'a', values: [0, 0] }] }],
    ['gaps only', { x: [0, 1], series: [{ name: 'a', values: [null, Number.NaN] }] }],
    ['gaps only, logarithmic', { x: [0, 1], series: [{ name: 'a', values: [0, -1] }], log: true }],
  ])('of %s has no NaN in it', (_, chart) => {
    expect(lineChart({ title: 't', ...chart })).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('refuses values that do not go with x, and more series than colours', () => {
    const values = [1];
    expect(() => lineChart({ title: 't', x: [0, 1], series: [{ name: 'a', values }] })).toThrow('expected 2');
    const series = Array.from({ length: 7 }, () => ({ name: 'a', values }));
    expect(() => lineChart({ title: 't', x: [0], series })).toThrow('colours');
  });
});

describe('a bar chart', () => {
  it('has a bar for each value, as high as the value, beside the others of its group', () => {
    const svg = barChart({
      title: 't',
      labels: ['one', 'two'],
      series: [
        { name: 'a', values: [5, 10] },
        { name: 'b', values: [10, null] },
      ],
    });
    const bars = [...svg.matchAll(/class="fill s(\d)" x="([\d.]+)" y="([\d.]+)" [^>]*height="([\d.]+)"\/>/g)];
    expect(bars.map(([, series, , y, height]) => [series, y, height])).toEqual([
      ['0', '161', '99'],
      ['0', '62', '198'],
      ['1', '62', '198'],
    ]);
  });
});
