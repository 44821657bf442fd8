import type { Severity, ViolationKind } from '../events/violation-event.js';

interface KindEntry {
  readonly severity: Severity;
  /** How much one counts towards `quarantine.maxViolations`. */
  readonly weight: number;
  /** One sentence for the reference: what happened. */
  readonly means: string;
}

/**
 * Every kind of violation. `low`: contained at no cost to anybody. `medium`: a limit that cost the call, maybe the instance.
 * `high`: it reached for what it was not granted, or handed the host what no compiler makes. `critical`: the code is not
 * what it says it is.
 *
 * Each weighs 1, so that `maxViolations` means what it says; a ledger can be given other weights.
 */
export const KINDS: Readonly<Record<ViolationKind, KindEntry>> = {
  memory: { severity: 'medium', weight: 1, means: 'it needed more than `memoryBytes`' },
  timeout: { severity: 'medium', weight: 1, means: 'a call or a start took longer than its limit' },
  cpu: { severity: 'medium', weight: 1, means: 'it used more processor time than `cpuMs`' },
  fuel: { severity: 'medium', weight: 1, means: 'a call executed more instructions than `fuel`' },
  stack: { severity: 'medium', weight: 1, means: 'it exhausted its call stack' },
  http: { severity: 'high', weight: 1, means: 'a request, or a redirect of one, went where it may not go' },
  fs: {
    severity: 'high',
    weight: 1,
    means: 'it reached for a file outside its mounts, or wrote to a read mount',
  },
  env: { severity: 'medium', weight: 1, means: 'it asked for an environment variable that is not granted' },
  'host-function': {
    severity: 'high',
    weight: 1,
    means: 'it called a host function that is not granted, or with arguments that do not fit',
  },
  'plugin-call': { severity: 'high', weight: 1, means: 'it called a plugin that is not granted' },
  'input-size': { severity: 'low', weight: 1, means: 'it passed on an input larger than `inputBytes`' },
  'output-size': { severity: 'low', weight: 1, means: 'its output was larger than `outputBytes`' },
  'var-size': { severity: 'low', weight: 1, means: 'its vars would have been larger than `varBytes`' },
  'log-flood': {
    severity: 'low',
    weight: 1,
    means: 'a call logged more than `logBytesPerCall`; once a call',
  },
  integrity: { severity: 'critical', weight: 1, means: 'its bytes do not have the digest that is stated' },
  signature: {
    severity: 'critical',
    weight: 1,
    means: 'its signature is missing, wrong or not trusted, or its module is revoked',
  },
  bytecode: { severity: 'high', weight: 1, means: 'its module is invalid, or exceeds a structural limit' },
  feature: {
    severity: 'medium',
    weight: 1,
    means: 'its module uses a WebAssembly feature that is not allowed',
  },
  abi: {
    severity: 'high',
    weight: 1,
    means: 'it gave the host a pointer, a length or a block that is not its own',
  },
};
