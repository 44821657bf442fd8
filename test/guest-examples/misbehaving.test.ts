import { execFile } from 'node:child_process';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { misbehavingSuite } from './misbehaving.suite.js';
import { openOnExtism } from './open-on-extism.js';

describe('the examples that misbehave, on the Extism SDK', () => {
  misbehavingSuite(openOnExtism);

  it('spin does not return', async () => {
    const guest = await openOnExtism('runaway');
    const context = createContext({ spin: guest.exports.spin });
    expect(() => runInContext('spin()', context, { timeout: 100 })).toThrow(
      'Script execution timed out after 100ms',
    );
    await guest.close();
  });

  it('spin_after spins once it has answered', async () => {
    const guest = await openOnExtism('runaway');
    expect(await guest.call('spin_after', '1')).toBe('pong');
    // The export itself, without the SDK around it: its input is that of no call, so it is asked for by one.
    const context = createContext({ call: () => void guest.call('spin_after', '1') });
    expect(() => runInContext('call()', context, { timeout: 100 })).toThrow(
      'Script execution timed out after 100ms',
    );
  });

  it('spin_bulk does not return, and only the end of its process ends it', async () => {
    const program = `
      const wasm = await (await import('node:fs/promises')).readFile(process.argv[1]);
      const functions = WebAssembly.Module.imports(new WebAssembly.Module(wasm)).map(({ name }) => [name, () => 0n]);
      const { instance } = await WebAssembly.instantiate(wasm, { 'extism:host/env': Object.fromEntries(functions) });
      (await import('node:fs')).writeSync(1, 'spins');
      instance.exports.spin_bulk();
      (await import('node:fs')).writeSync(1, 'returned');`;
    const wasm = new URL('../../guest-examples/runaway/runaway.wasm', import.meta.url).pathname;
    const ended = await new Promise<{ signal: unknown; stdout: string }>((resolve) => {
      const arguments_ = ['--input-type=module', '--eval', program, wasm];
      execFile(process.execPath, arguments_, { timeout: 2_000, killSignal: 'SIGKILL' }, (error, stdout) =>
        resolve({ signal: error?.signal, stdout }),
      );
    });
    expect(ended).toEqual({ signal: 'SIGKILL', stdout: 'spins' });
  });
});
