/**
 * The chaos suite: puts faults into a daemon with apps, and looks whether what is promised holds (docs/reliability.md).
 *
 *   npm run test:chaos                                  all rows
 *   ROW=runner-killed SEED=17 npm run test:chaos        one row (several with commas), at the same times as before
 *   npm run test:chaos -- --node 24                     with another Node, of the npm registry
 *   npm run test:chaos -- --write                       the result goes into docs/reliability.md; with ROW, into the last
 */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { nodeOf } from './node-of-line.mjs';

const { values } = parseArgs({ options: { write: { type: 'boolean' }, node: { type: 'string' } } });
const root = fileURLToPath(new URL('..', import.meta.url));
const node = values.node === undefined ? process.execPath : nodeOf(values.node);
const seed = process.env.SEED ?? String(randomInt(1_000_000_000));
const results = join(root, 'node_modules/.cache/stateward-chaos/rows.ndjson');
mkdirSync(dirname(results), { recursive: true });
// One row alone is added to the rows of the last whole run.
if (process.env.ROW === undefined) rmSync(results, { force: true });

console.log(`seed ${seed}: SEED=${seed} npm run test:chaos runs the same again`);
const { status } = spawnSync(
  node,
  [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config', 'test/chaos/vitest.config.ts'],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: `${dirname(node)}${delimiter}${process.env.PATH}`,
      SEED: seed,
      CHAOS_RESULTS: results,
      ...(values.write && { CHAOS_WRITE: '1' }),
    },
  },
);
process.exit(status ?? 1);
