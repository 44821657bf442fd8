import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Sandbox tests own threads of their own; two test files at a time is what two cores carry.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Machines that decide are shared: one that stands still for a second must not decide. What fails twice is a fault;
    // what the log calls flaky is one too, and is to be mended.
    retry: process.env['CI'] ? 1 : 0,
  },
});
