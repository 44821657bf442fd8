import { type Part, paint } from '../console.js';
import type { InspectedModule } from './inspect-command.js';

const PAGE_KIB = 64;

/** A report for people. */
export function reportParts(report: InspectedModule): Part[] {
  const { name, file, bytes, functions, producers } = report;
  const parts: Part[] = [
    paint('bold', file),
    `${name === 'main' ? '' : ` (${name})`}  ${bytes} bytes, ${functions} functions\n`,
  ];
  const list = (title: string, lines: readonly string[]): void => {
    parts.push(
      paint('bold', title),
      lines.length === 0 ? '  none\n' : '\n',
      ...lines.map((line) => `  ${line}\n`),
    );
  };
  list(
    'Exports',
    report.exports.map((one) => `${one.name}  ${one.type}${one.callable ? '' : '  (not callable)'}`),
  );
  list(
    'Imports',
    report.imports.map((one) => `${one.module}  ${one.name}  ${one.type}`),
  );
  list(
    'Memories',
    report.memories.map(
      ({ min, max, shared }) =>
        `${min * PAGE_KIB} KiB at first, ${max === undefined ? 'no maximum of its own' : `at most ${max * PAGE_KIB} KiB`}${shared ? ', shared' : ''}`,
    ),
  );
  list(
    'Features',
    report.features.map(
      ({ name: feature, allowed }) =>
        `${feature}${allowed ? '' : '  (a host has to allow it in validation.features)'}`,
    ),
  );
  list('Starts by itself', report.startup);
  list('Needs', needs(report));
  list('Metering', [metering(report)]);
  list(
    'Sections',
    report.sections.map((one) => `${String(one.bytes).padStart(9)}  ${one.name}`),
  );
  if (producers.length > 0) list('Made by', producers);
  if (report.manifest !== undefined) list('Manifest inside', report.manifest.split('\n'));
  return parts;
}

function needs({ needs: { hostFunctions, http, wasi, fs, env, plugins } }: InspectedModule): string[] {
  return [
    ...hostFunctions.map((name) => `host function ${name}  (permissions.hostFunctions)`),
    ...(http ? ['HTTP  (permissions.http, for the hosts that it calls)'] : []),
    ...(plugins ? ['calls of other plugins  (dependencies, or permissions.plugins)'] : []),
    ...(wasi ? ['WASI preview 1'] : []),
    ...(fs ? ['files, if it opens any  (permissions.fs)'] : []),
    ...(env ? ['environment variables, if it reads any  (permissions.env)'] : []),
  ];
}

function metering({ metering: result, bytes }: InspectedModule): string {
  if (!result.possible) return `not possible: ${result.reason}`;
  return `possible; the module grows by ${result.addedBytes} bytes (${Math.round((100 * result.addedBytes) / bytes)} %)`;
}
