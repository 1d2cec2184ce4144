/**
 * Everything that is promised of speed and size, measured in one run beside what there is without stateward and beside
 * PM2, as one table of ratios: a machine that others use changes its speed by the minute.
 *
 *   npm run bench                                the table, in about ten minutes on two cores
 *   npm run bench -- --rows                      the rows there are
 *   npm run bench -- --only get,apply            some of them
 *   npm run bench -- --json > run.json           the same as data
 *   npm run bench -- --write                     puts the table into docs/benchmarks.md too (or --page FILE)
 *   npm run bench -- --from a.json --from b.json --write     what was measured earlier, as one table
 *   npm run bench -- --without-pm2 --build DIR   nothing beside; another built checkout
 *
 * The exit code is 0 unless a row could not be measured: a missed goal is red in the table and no failure.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chooseRows, UnknownRow } from './frame/choose.mjs';
import { headOf } from './frame/head.mjs';
import { measureRows } from './frame/measure.mjs';
import { fromJson, toJson } from './frame/saved.mjs';
import { terminalTable } from './frame/terminal.mjs';
import { writeIntoPage } from './frame/page.mjs';
import { goalText } from './frame/verdict.mjs';
import { Lab } from './lab/lab.mjs';
import { installPm2, NO_PM2 } from './lab/pm2.mjs';
import { ROWS } from './rows/index.mjs';

const ROOT = join(import.meta.dirname, '..');
const PAGE = join(ROOT, 'docs/benchmarks.md');
const say = (line) => process.stderr.write(`${line}\n`);

try {
  const code = await main();
  // A row that has hung may wait for ever: it must not keep this from ending.
  process.stdout.write('', () => process.exit(code));
} catch (error) {
  if (!(error instanceof UnknownRow) && !error.code?.startsWith('ERR_PARSE_ARGS')) throw error;
  say(`bench: ${error.message}`);
  process.exitCode = 64;
}

async function main() {
  const { values } = parseArgs({
    options: {
      rows: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      page: { type: 'string', default: PAGE },
      from: { type: 'string', multiple: true, default: [] },
      build: { type: 'string', default: ROOT },
      'without-pm2': { type: 'boolean', default: false },
    },
  });
  const rows = chooseRows(ROWS, values.only);
  if (values.rows) {
    for (const row of rows) console.log(listed(row));
    return 0;
  }
  const run = values.from.length > 0 ? fromJson(values.from, rows) : await measured(rows, values);
  process.stdout.write(values.json ? toJson(run) : terminalTable(run, isColoured()));
  if (values.write) await writeIntoPage(values.page, run);
  return run.results.some(({ error }) => error !== null) ? 1 : 0;
}

async function measured(rows, values) {
  const root = resolve(values.build);
  if (!existsSync(join(root, 'dist/bin.cjs'))) throw new Error(`${root} is not built: npm run build`);
  const pm2 = values['without-pm2'] ? NO_PM2 : await installPm2();
  const head = headOf(root, pm2);
  say(pm2.program === null ? `no PM2 beside: ${pm2.missing}` : `PM2 ${pm2.version} beside`);
  const from = performance.now();
  const lab = await Lab.open({ root, pm2 });
  const interrupted = () => void lab.close().finally(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, interrupted);
  try {
    const results = await measureRows(rows, lab, say);
    return { heads: [{ ...head, seconds: Math.round((performance.now() - from) / 1000) }], results };
  } finally {
    await lab.close();
  }
}

function isColoured() {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  return !NO_COLOR && (process.stdout.isTTY || Boolean(FORCE_COLOR));
}

function listed(row) {
  const goals = row.goals.map((goal) => goalText(goal, row)).join('; ');
  return `${row.id.padEnd(20)} ${row.what}${goals === '' ? '' : `: ${goals}`}`;
}
