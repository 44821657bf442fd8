import { PassThrough } from 'node:stream';
import { runCli } from '../../host-sdk/cli/run-cli.js';
import type { Terminal } from '../../host-sdk/cli/terminal.js';

/** Runs the command line within this process, as if a person sat there who types this. For what runs no plugin. */
export async function typed(argv: readonly string[], typing = '') {
  const input = new PassThrough();
  const said = { out: '', err: '' };
  const terminal: Terminal = {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    input: input as unknown as Terminal['input'],
    isInteractive: { input: true, out: false, err: false },
    colors: { out: false, err: false },
    width: 100,
    signal: new AbortController().signal,
  };
  input.end(typing);
  return { code: await runCli(argv, terminal), ...said };
}
