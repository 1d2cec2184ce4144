/**
 * Applies every folder of examples/ on a home of its own: validates, plans, applies, checks that a second apply touches
 * nothing and that removing everything leaves nothing behind. Apps in cluster mode are reloaded in between. An example
 * whose interpreter the host does not have is skipped, and named as such.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'dist/bin.cjs');
const home = mkdtempSync(join(tmpdir(), 'stw-ex-'));
const needs = {
  interactive: 'perl',
  languages: 'python3',
  'python-fork': 'python3',
  'socket-activation': 'python3',
  notify: 'perl',
};
const RELEASE_THAT_FAILS_ONCE = [
  [['apply', '--timeout', '60s'], 3, /pre_start hook exited with code 1/, { FAIL: '1' }],
  [['apply', '--timeout', '60s'], 0],
];
const skipped = [];
const CHECK = ['check.sh'];
let failed = 0;

try {
  for (const { name } of folders()) check(name);
} finally {
  stateward(join(root, 'examples'), ['daemon', 'stop', '--all']);
  rmSync(home, { recursive: true, force: true });
}
const missing = skipped.length === 0 ? '' : `; not tried: ${skipped.join(', ')}`;
console.log(`${failed === 0 ? 'every example holds' : `${failed} example(s) failed`}${missing}`);
process.exit(failed === 0 ? 0 : 1);

function folders() {
  return readdirSync(join(root, 'examples'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function check(name) {
  const cwd = join(root, 'examples', name);
  const program = needs[name];
  if (program !== undefined && spawnSync(program, ['--version']).status !== 0) {
    skipped.push(name);
    console.log(`skipped ${name}: no ${program}`);
    return;
  }
  const steps = [
    [['validate'], 0],
    [['plan', '--detailed-exitcode'], 2],
    [['apply', '--timeout', '60s'], 0],
    [['plan', '--detailed-exitcode'], 0],
    [['apply'], 0, /\b0 processes touched/],
    [['diff'], 0],
    ...(isClustered(cwd) ? [[['reload', 'all', '--timeout', '60s'], 0]] : []),
    ...(hasHooks(cwd) ? RELEASE_THAT_FAILS_ONCE : []),
    [['get'], 0, /Healthy|Completed/],
    ...(existsSync(join(cwd, 'check.sh')) ? [[CHECK, 0]] : []),
    [['delete', 'all', '--allow-wipe'], 0],
  ];
  for (const [args, code, output, more] of steps) {
    const result = args === CHECK ? runCheck(cwd) : stateward(cwd, args, more);
    const text = `${result.stdout}${result.stderr}`;
    if (result.status === code && (output === undefined || output.test(text))) continue;
    failed += 1;
    console.error(
      `FAILED ${name}: stateward ${args.join(' ')} ended with ${result.status}, not ${code}\n${text}`,
    );
    stateward(cwd, ['delete', 'all', '--allow-wipe']);
    return;
  }
  if (existsSync(join(cwd, 'deploy.mjs')) && !runProgram(name, cwd)) return;
  console.log(`ok ${name}`);
}

/** What an example shows besides, as a script that ends with 0. */
function runCheck(cwd) {
  const env = { ...process.env, STATEWARD_HOME: home, STATEWARD: `${process.execPath} ${bin}` };
  return spawnSync('sh', ['check.sh'], { cwd, env, encoding: 'utf8', timeout: 60_000 });
}

/** A program that uses the library finds it as one that has installed it. */
function runProgram(name, cwd) {
  const folder = mkdtempSync(join(tmpdir(), 'stw-lib-'));
  const copy = join(folder, name);
  cpSync(cwd, copy, { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules/stateward'));
  const env = { ...process.env, STATEWARD_HOME: home };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['deploy.mjs'], {
    ...{ cwd: copy, env, encoding: 'utf8', timeout: 120_000 },
  });
  stateward(copy, ['delete', 'all', '--allow-wipe']);
  rmSync(folder, { recursive: true, force: true });
  if (status === 0 && /^\w+ Healthy$/m.test(stdout)) return true;
  failed += 1;
  console.error(`FAILED ${name}: deploy.mjs ended with ${status}\n${stdout}${stderr}`);
  return false;
}

/** The pre_start hook of an example with hooks fails with FAIL=1. */
function hasHooks(cwd) {
  return existsSync(join(cwd, 'pre-start.sh'));
}

function isClustered(cwd) {
  return readdirSync(cwd).some(
    (file) => file.endsWith('.yaml') && readFileSync(join(cwd, file), 'utf8').includes('exec_mode: cluster'),
  );
}

function stateward(cwd, args, more = {}) {
  const env = { ...process.env, ...more, STATEWARD_HOME: home, NO_COLOR: '1' };
  return spawnSync(process.execPath, [bin, ...args], { cwd, env, encoding: 'utf8', timeout: 120_000 });
}
