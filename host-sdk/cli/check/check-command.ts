import { relative } from 'node:path';
import { type ContractChange, compareContracts } from '../../contracts/compare-contracts.js';
import type { AddCommand } from '../command.js';
import { type Console, paint } from '../console.js';
import { EXIT } from '../exit-code.js';
import { isOffer, readOffer } from '../read-offer.js';
import { checkAgainst, isEnough, leastVersion } from './check-against.js';
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
    .argument('[plugin]', 'its folder, its plugin.json, a .wasm, or a file of host functions', '.')
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
  if (await isOffer(location)) return checkOffer(io, location, { against, json });
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
    tellChanges(io, contract?.changes ?? []);
    for (const finding of report.findings) io.out(...findingParts(finding));
    io.out(`${summary(report, errors, warnings)}\n`);
  }
  return fails ? EXIT.failed : EXIT.ok;
}

/** Host functions that an application offers, in a file of their own, against an earlier one. */
async function checkOffer(
  io: Console,
  file: string,
  { against, json }: { readonly against: string | undefined; readonly json: boolean | undefined },
): Promise<number> {
  const now = await readOffer(file);
  const names = Object.keys(now.hostFunctions);
  const inOrder = `${file} is in order (${names.length} host function${names.length === 1 ? '' : 's'})\n`;
  if (against === undefined) {
    if (json) io.json({ ok: true, hostFunctions: names });
    else io.out(inOrder);
    return EXIT.ok;
  }
  const before = await readOffer(against);
  const contract = compareContracts(before, now);
  const hasVersions = before.version !== undefined && now.version !== undefined;
  const ok = hasVersions ? isEnough(now.version, before.version, contract) : !contract.breaking;
  if (json) io.json({ ok, contract });
  else {
    tellChanges(io, contract.changes);
    const wanted = hasVersions
      ? `make its version at least ${leastVersion(before.version, contract)}, or take the changes back`
      : 'take the changes back, or give both files a "version"';
    if (ok) io.out(inOrder);
    else
      io.out(
        paint('red', 'error:'),
        ` it ${contract.breaking ? 'breaks plugins' : 'has changed'}: ${wanted}\n`,
      );
  }
  return ok ? EXIT.ok : EXIT.failed;
}

function tellChanges(io: Console, changes: readonly ContractChange[]): void {
  for (const { level, message } of changes) {
    io.out(paint(level === 'breaking' ? 'yellow' : 'dim', `${level}:`), ` ${message}\n`);
  }
}

function summary({ plugin, version, modules }: CheckReport, errors: number, warnings: number): string {
  const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
  if (errors + warnings > 0) return `${count(errors, 'error')}, ${count(warnings, 'warning')}`;
  const files = modules.map(({ file, bytes }) => `${relative('', file)}, ${bytes} bytes`);
  return `${plugin}@${version} is in order (${files.join('; ')})`;
}
