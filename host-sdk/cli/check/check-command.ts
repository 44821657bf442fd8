import { relative } from 'node:path';
import type { AddCommand } from '../command.js';
import { type Console, paint } from '../console.js';
import { EXIT } from '../exit-code.js';
import { checkAgainst } from './check-against.js';
import { type CheckReport, checkPlugin } from './check-plugin.js';
import { findingParts } from './finding.js';

interface CheckOptions {
  readonly against?: string;
  readonly strict?: boolean;
  readonly json?: boolean;
}

/** `cordon check`. */
export const addCheck: AddCommand = (program, act) => {
  program
    .command('check')
    .summary('hold a plugin’s manifest and module against each other')
    .description(
      'Says what a host would refuse in a plugin, and what is likely a slip, with the place and what to change. Runs nothing of it.',
    )
    .argument('[plugin]', 'its folder, its plugin.json, or a .wasm', '.')
    .option(
      '--against <plugin>',
      'an earlier version: say what changed in the contract, and whether the version rose enough',
    )
    .option('--strict', 'take warnings for errors')
    .option('--json', 'print JSON')
    .action(act(check));
};

async function check(
  io: Console,
  location: string,
  { against, strict, json }: CheckOptions,
): Promise<number> {
  const checked = await checkPlugin(location);
  const contract = against === undefined ? undefined : await checkAgainst(location, against);
  const report = { ...checked, findings: [...checked.findings, ...(contract?.findings ?? [])] };
  const errors = report.findings.filter(({ severity }) => severity === 'error').length;
  const warnings = report.findings.length - errors;
  const fails = errors > 0 || (strict === true && warnings > 0);
  if (json) {
    const { findings: _, ...changes } = contract ?? {};
    io.json({ ok: !fails, errors, warnings, ...report, ...(contract && { contract: changes }) });
  } else {
    for (const { level, message } of contract?.changes ?? []) {
      io.out(paint(level === 'breaking' ? 'yellow' : 'dim', `${level}:`), ` ${message}\n`);
    }
    for (const finding of report.findings) io.out(...findingParts(finding));
    io.out(`${summary(report, errors, warnings)}\n`);
  }
  return fails ? EXIT.failed : EXIT.ok;
}

function summary({ plugin, version, modules }: CheckReport, errors: number, warnings: number): string {
  const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
  if (errors + warnings > 0) return `${count(errors, 'error')}, ${count(warnings, 'warning')}`;
  const files = modules.map(({ file, bytes }) => `${relative('', file)}, ${bytes} bytes`);
  return `${plugin}@${version} is in order (${files.join('; ')})`;
}
