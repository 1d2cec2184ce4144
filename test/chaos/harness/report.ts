import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { faults } from '../faults.ts';
import { rows } from '../rows/index.ts';
import type { Row } from '../row.ts';
import type { Result } from './results.ts';

const DOCUMENT = fileURLToPath(new URL('../../../docs/reliability.md', import.meta.url));
const BEGIN = '<!-- result: written by npm run test:chaos -- --write -->';
const END = '<!-- end of result -->';

/**
 * Puts the results between their two marks in docs/reliability.md: those of a whole run, and of rows that were run alone
 * since then, which says so.
 */
export function writeReport(): void {
  const file = process.env['CHAOS_RESULTS'];
  if (file === undefined || !existsSync(file)) throw new Error('there is no result to write');
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  const all = lines.map((line) => JSON.parse(line) as Result);
  const [first] = all;
  if (first === undefined) throw new Error('there is no result to write');
  // The newest of each row.
  const newest = [...new Map(all.map((result) => [result.row, result])).values()];
  const results = newest.map((result) => (isOfWhole(result, first) ? result : alone(result)));
  const whole = all.filter((result) => isOfWhole(result, first));
  const text = readFileSync(DOCUMENT, 'utf8');
  const [before, rest] = [text.slice(0, text.indexOf(BEGIN)), text.slice(text.indexOf(END))];
  const result = [summary(results, whole, first), faultTable(results), rowTable(results)].join('\n\n');
  writeFileSync(DOCUMENT, `${before}${BEGIN}\n\n${result}\n\n${rest}`);
  execFileSync('npx', ['prettier', '--write', DOCUMENT], { stdio: 'ignore' });
}

function isOfWhole({ seed, commit }: Result, first: Result): boolean {
  return seed === first.seed && commit === first.commit;
}

function alone(result: Result): Result {
  const said = `run again alone, seed ${result.seed}, commit ${result.commit}`;
  return { ...result, notes: [...result.notes, said] };
}

function summary(results: readonly Result[], whole: readonly Result[], { seed, commit, at }: Result): string {
  const count = (outcome: Result['outcome']): number =>
    results.filter((each) => each.outcome === outcome).length;
  const seconds = Math.round(whole.reduce((sum, each) => sum + each.ms, 0) / 1000);
  const failed = whole.filter(({ outcome }) => outcome === 'failed').map(({ row }) => `\`${row}\``);
  const host = `${cpus().length} processors, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform} ${release()}`;
  return [
    `- Held ${count('held')} of ${rows.length} rows, failed ${count('failed')}, skipped ${count('skipped')}`,
    `- Seed \`${seed}\`, commit \`${commit}\`, ${new Date(at).toISOString().slice(0, 10)}, ${Math.floor(seconds / 60)} min ${seconds % 60} s`,
    `- Node ${process.versions.node}; ${host}`,
    `- Failed in that run, and what the table has is of a later run of the row alone: ${failed.join(', ') || 'none'}`,
  ].join('\n');
}

function faultTable(results: readonly Result[]): string {
  const lines = faults.map(({ number, what, tests = [] }) => {
    const tried = rows
      .filter((row) => row.faults.includes(number))
      .map((row) => `\`${row.name}\` ${mark(row, results)}`);
    return `| ${number} | ${what} | ${[...tried, ...tests.map((test) => `\`${test}\``)].join('<br>')} |`;
  });
  return ['### By fault', '', '| # | Fault | Tried by |', '| - | - | - |', ...lines].join('\n');
}

function rowTable(results: readonly Result[]): string {
  const lines = rows.map((row) => {
    const result = results.find((each) => each.row === row.name);
    const time = result === undefined ? '' : `${(result.ms / 1000).toFixed(1)} s`;
    return `| \`${row.name}\` | ${row.holds} | ${mark(row, results)} | ${time} | ${result?.notes.join('; ') ?? ''} |`;
  });
  return ['### By row', '', '| Row | What holds | | Time | |', '| - | - | - | - | - |', ...lines].join('\n');
}

function mark(row: Row, results: readonly Result[]): string {
  return results.find((each) => each.row === row.name)?.outcome ?? 'not run';
}
