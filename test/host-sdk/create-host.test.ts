import { readFileSync } from 'node:fs';
import type { HostOptions } from 'cordon';
import { describe, expect, it } from 'vitest';
import { openHost, recorder } from '../host/open-host.js';

const REFUSED: Readonly<Record<string, HostOptions>> = {
  'cache.directory': { cache: { directory: 'cache' } },
};

describe('an option that this version does not do', () => {
  it.each(Object.entries(REFUSED))('is refused: %s', async (_, options) => {
    await expect(openHost(options)).rejects.toMatchObject({ code: 'ERR_OPTIONS' });
  });

  it('is no reason for a warning where nobody sets it', async () => {
    const logger = recorder();
    await openHost({ logger, budget: { instances: 10 }, limits: { timeoutMs: 10 } });
    expect(logger.lines).toEqual([]);
  });

  it.each(['README.md', 'docs/reference/options.md', 'CHANGELOG.md'])('is named in %s', (path) => {
    const page = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
    for (const name of Object.keys(REFUSED)) {
      // `cpuPercent` of `limits` is how options.md says it.
      const [group, key] = name.split('.');
      const said = page.includes(`\`${name}`) || page.includes(`\`${key}\` of \`${group}\``);
      expect(said, name).toBe(true);
    }
  });
});
