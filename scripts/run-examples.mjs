/**
 * Applies every folder of examples/ on a home of its own: validates, plans, applies, checks that a second apply touches
 * nothing and that removing everything leaves nothing behind.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'dist/bin.cjs');
const home = mkdtempSync(join(tmpdir(), 'stw-ex-'));
let failed = 0;

try {
  for (const { name } of folders()) check(name);
} finally {
  stateward(join(root, 'examples'), ['daemon', 'stop', '--all']);
  rmSync(home, { recursive: true, force: true });
}
console.log(failed === 0 ? 'every example holds' : `${failed} example(s) failed`);
process.exit(failed === 0 ? 0 : 1);

function folders() {
  return readdirSync(join(root, 'examples'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function check(name) {
  const cwd = join(root, 'examples', name);
  const steps = [
    [['validate'], 0],
    [['plan', '--detailed-exitcode'], 2],
    [['apply', '--timeout', '60s'], 0],
    [['plan', '--detailed-exitcode'], 0],
    [['apply'], 0, /\b0 processes touched/],
    [['diff'], 0],
    [['get'], 0, /Healthy|Completed/],
    [['delete', 'all', '--allow-wipe'], 0],
  ];
  for (const [args, code, output] of steps) {
    const result = stateward(cwd, args);
    const text = `${result.stdout}${result.stderr}`;
    if (result.status === code && (output === undefined || output.test(text))) continue;
    failed += 1;
    console.error(
      `FAILED ${name}: stateward ${args.join(' ')} ended with ${result.status}, not ${code}\n${text}`,
    );
    stateward(cwd, ['delete', 'all', '--allow-wipe']);
    return;
  }
  console.log(`ok ${name}`);
}

function stateward(cwd, args) {
  const env = { ...process.env, STATEWARD_HOME: home, NO_COLOR: '1' };
  return spawnSync(process.execPath, [bin, ...args], { cwd, env, encoding: 'utf8', timeout: 120_000 });
}
