import { describe, expect, it } from 'vitest';
import { openHost, recorder } from '../host/open-host.js';

describe('the log of a new host', () => {
  it('has no warning where nothing is wrong', async () => {
    const logger = recorder();
    await openHost({ logger, budget: { instances: 10 }, limits: { timeoutMs: 10 } });
    expect(logger.lines).toEqual([]);
  });
});
