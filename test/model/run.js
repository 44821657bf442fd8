// @ts-check
// The model-based test for as long as one likes:
//
//   npm run model -- --runs 5000 --seed 42
//   npm run model -- --seed 42 --path 17:0:3   one case again, as the report of a failure names it
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '1000' }, seed: { type: 'string' }, path: { type: 'string' } },
});
const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', 'test/model'], {
  stdio: 'inherit',
  env: {
    ...process.env,
    MODEL_RUNS: values.runs,
    ...(values.seed !== undefined && { MODEL_SEED: values.seed }),
    ...(values.path !== undefined && { MODEL_PATH: values.path }),
  },
});
process.exitCode = status ?? 1;
