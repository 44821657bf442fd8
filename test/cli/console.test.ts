import { describe, expect, it } from 'vitest';
import { consoleOn, paint } from '../../host-sdk/cli/console.js';
import type { Terminal } from '../../host-sdk/cli/terminal.js';

function terminalOf({ colors, isTerminal }: { colors: boolean; isTerminal: boolean }) {
  const said = { out: '', err: '' };
  const terminal: Terminal = {
    out: (text) => {
      said.out += typeof text === 'string' ? text : Buffer.from(text).toString('latin1');
    },
    err: (text) => {
      said.err += text;
    },
    input: process.stdin,
    isInteractive: { input: false, out: isTerminal, err: isTerminal },
    colors: { out: colors, err: colors },
    width: 80,
    signal: new AbortController().signal,
  };
  return { io: consoleOn(terminal), said };
}

describe('the console', () => {
  it('escapes what would steer a terminal, in plain and in painted text, and paints where there are colours', () => {
    const plain = terminalOf({ colors: false, isTerminal: true });
    plain.io.out('a\u001b[2J\u009b1m\n', paint('red', 'b\u202e'), '\tc\r\n');
    expect(plain.said.out).toBe('a\\x1b[2J\\x9b1m\nb\\u202e\\tc\\r\n');
    const painted = terminalOf({ colors: true, isTerminal: false });
    painted.io.err(paint('red', 'b\u001b'), ' c\n');
    expect(painted.said.err).toBe('\u001b[31mb\\x1b\u001b[0m c\n');
  });

  it('prints JSON that stays JSON, whatever is in it', () => {
    const { io, said } = terminalOf({ colors: true, isTerminal: true });
    const value = { text: '\u001b\u007f\u0085\u009f\u202e\ud800 é 👋' };
    io.json(value);
    expect(said.out).toMatch(/^[\n\x20-\x7e\xa0-\uffff]*$/);
    expect(JSON.parse(said.out)).toEqual(value);
  });

  it('shows progress on a terminal only, and takes it away before the next thing is written', () => {
    const { io, said } = terminalOf({ colors: false, isTerminal: true });
    io.progress('loading \u001bx');
    io.progress('calling f');
    io.out('done\n');
    io.progress('');
    expect(said).toEqual({ out: 'done\n', err: 'loading \\x1bx…\r\u001b[Kcalling f…\r\u001b[K' });
    const pipe = terminalOf({ colors: true, isTerminal: false });
    pipe.io.progress('loading');
    expect(pipe.said.err).toBe('');
  });

  it('passes bytes on as they are', () => {
    const { io, said } = terminalOf({ colors: false, isTerminal: false });
    io.raw(Uint8Array.of(0x1b, 0xff));
    expect(said.out).toBe('\u001b\u00ff');
  });
});
