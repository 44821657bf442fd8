const BEGIN = '<!-- conformance: begin -->';
const END = '<!-- conformance: end -->';

/**
 * Each case with what came of it on the three hosts, and whether that is as it is meant to be: the foreground is what
 * Cordon is held against, or the worker where the SDK does a thing in workers only.
 * @param {readonly import('./cases.js').Case[]} cases
 * @param {Record<string, readonly string[]>} columns
 */
export function rowsOf(cases, columns) {
  return cases.map((one, index) => {
    const [foreground, background, cordon] = ['foreground', 'background', 'cordon'].map(
      (host) => columns[host]?.[index] ?? '',
    );
    const needsWorker = /** @type {any} */ (one.options)?.runInWorker === true;
    const agrees = cordon === (needsWorker ? background : foreground);
    const verdict = agrees ? 'agrees' : (one.differs ?? 'UNEXPECTED');
    return { area: one.area, name: one.name, foreground, background, cordon, verdict };
  });
}

/**
 * @param {ReturnType<typeof rowsOf>} rows
 * @param {string} version
 */
export function tableOf(rows, version) {
  const agreed = rows.filter(({ verdict }) => verdict === 'agrees').length;
  const lines = rows.map((row) => {
    const cells = [
      row.area,
      row.name,
      row.foreground,
      row.background === row.foreground ? '〃' : row.background,
      row.cordon === row.foreground ? '〃' : row.cordon,
      row.verdict,
    ];
    return `| ${cells
      .map((cell) =>
        printable(cell ?? '')
          .replaceAll('|', '\\|')
          .replaceAll('<', '&lt;'),
      )
      .join(' | ')} |`;
  });
  return [
    `${rows.length} cases on Node ${version}: ${agreed} agree, ${rows.length - agreed} differ deliberately. 〃 is the same as in the foreground.`,
    '',
    '| function | case | SDK, foreground | SDK, worker | Cordon | |',
    '| --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}

/** @param {string} text */
function printable(text) {
  return text.replace(/[\u0000-\u001f\u007f]/g, (char) => JSON.stringify(char).slice(1, -1));
}

/**
 * @param {string} page
 * @param {string} table
 */
export function between(page, table) {
  const [start, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`The page has no ${BEGIN} … ${END}.`);
  return `${page.slice(0, start + BEGIN.length)}\n\n${table}\n\n${page.slice(end)}`;
}
