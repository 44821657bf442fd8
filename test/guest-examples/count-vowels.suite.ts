import { expect, it } from 'vitest';
import { MUCH_TEXT, type OpenGuest } from './guest.js';

/** What `@acme/count-vowels` does, wherever it runs. */
export function countVowelsSuite(open: OpenGuest): void {
  it('counts vowels, and keeps their total from call to call until it is reset', async () => {
    const guest = await open('count-vowels');
    expect(await guest.call('count_vowels', 'Hello, World!')).toBe(
      '{"count":3,"total":3,"vowels":"aeiouAEIOU"}',
    );
    expect(await guest.call('count_vowels', 'AEIOU')).toBe('{"count":5,"total":8,"vowels":"aeiouAEIOU"}');
    expect(await guest.call('count_vowels', '')).toBe('{"count":0,"total":8,"vowels":"aeiouAEIOU"}');
    expect(await guest.call('reset')).toBe('');
    expect(await guest.call('count_vowels', 'a')).toBe('{"count":1,"total":1,"vowels":"aeiouAEIOU"}');
    await guest.close();
  });

  it('shares no total with another instance', async () => {
    const one = await open('count-vowels');
    const other = await open('count-vowels');
    await one.call('count_vowels', 'aaa');
    expect(await other.call('count_vowels', 'a')).toContain('"total":1,');
    await one.close();
    await other.close();
  });

  it('takes the vowels from its configuration, whatever characters they are', async () => {
    const guest = await open('count-vowels', { config: { vowels: 'yÿ"🌍' } });
    expect(await guest.call('count_vowels', 'yes ÿ 🌍🌎 "a"')).toBe(
      '{"count":5,"total":5,"vowels":"yÿ\\"🌍"}',
    );
    await guest.close();
  });

  it('reports an empty configuration as an error each time, and works on', async () => {
    const guest = await open('count-vowels', { config: { vowels: '' } });
    for (let i = 0; i < 2; i++) {
      await expect(guest.call('count_vowels', 'a')).rejects.toThrow('config "vowels" must not be empty');
      expect(await guest.call('reset')).toBe('');
    }
    await guest.close();
  });

  it('counts in 150 KB of text of several scripts', async () => {
    const guest = await open('count-vowels', { config: { vowels: 'üи好🌍मé' } });
    expect(JSON.parse(await guest.call('count_vowels', MUCH_TEXT))).toEqual({
      count: 6 * 2600,
      total: 6 * 2600,
      vowels: 'üи好🌍मé',
    });
    await guest.close();
  });

  it('logs what it counted', async () => {
    const logs: string[] = [];
    const guest = await open('count-vowels', { log: (level, message) => logs.push(`${level}: ${message}`) });
    await guest.call('count_vowels', 'aé');
    expect(logs).toEqual(['debug: counted 1 vowels, 1 in total']);
    await guest.close();
  });
}
