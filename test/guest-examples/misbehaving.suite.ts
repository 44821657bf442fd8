import { describe, expect, it } from 'vitest';
import type { OpenGuest } from './guest.js';

const MiB = 1024 * 1024;

/** What `@acme/runaway` and `@acme/memory-hog` do that ends by itself, wherever they run. */
export function misbehavingSuite(open: OpenGuest): void {
  it.each(['runaway', 'memory-hog'])('%s answers a ping', async (name) => {
    const guest = await open(name);
    expect(await guest.call('ping')).toBe('pong');
    await guest.close();
  });

  describe('the runaway', () => {
    it('answers as often as it is told before it spins', async () => {
      const guest = await open('runaway');
      for (let i = 0; i < 3; i++) expect(await guest.call('spin_after', '3')).toBe('pong');
      await guest.close();
    });

    it('does work that ends', async () => {
      const guest = await open('runaway');
      expect(await guest.call('work', '3')).toBe('done');
      expect(await guest.call('work', ' 0 ')).toBe('done');
      await guest.close();
    });

    it.each(['', 'x', '-1', '1.5', '1234567890'])('refuses %j as a number, and works on', async (input) => {
      const guest = await open('runaway');
      await expect(guest.call('work', input)).rejects.toThrow('the input must be a whole number');
      await expect(guest.call('spin_after', input)).rejects.toThrow('the input must be a whole number');
      expect(await guest.call('ping')).toBe('pong');
      await guest.close();
    });

    it('uses up the stack', async () => {
      const guest = await open('runaway');
      await expect(guest.call('recurse')).rejects.toThrow(/stack/);
      await guest.close();
    });
  });

  describe('the memory hog', () => {
    it('grows its memory until that is refused, and says how far it came', async () => {
      const guest = await open('memory-hog', { memoryBytes: 8 * MiB });
      await expect(guest.call('grow')).rejects.toThrow(
        /no more memory: grow was refused at 7 MiB \(assembly\/index\.ts:\d+:\d+\)/,
      );
      await guest.close();
    });

    it('allocates blocks until that is refused, and says how many it got', async () => {
      const guest = await open('memory-hog', { memoryBytes: 8 * MiB });
      await expect(guest.call('alloc')).rejects.toThrow(/no more memory: alloc was refused after [67] MiB/);
      await guest.close();
    });
  });
}
