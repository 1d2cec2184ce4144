/**
 * Applies every folder of examples/ on a home of its own: validates, plans, applies, checks that a second apply touches
 * nothing and that removing everything leaves nothing behind. Apps in cluster mode are reloaded in between, and so are those
 * that say how: their processes have to stay. Of an example whose program the host does not have, or does not run as this
 * user, only the file is validated, and it is named as such.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'dist/bin.cjs');
const home = mkdtempSync(join(tmpdir(), 'stw-ex-'));
const needs = {
  gitops: 'git',
  interactive: 'perl',
  languages: 'python3',
  'python-fork': 'python3',
  'socket-activation': 'python3',
  notify: 'perl',
  'secure-probes': 'openssl',
  nginx: 'nginx',
  gunicorn: 'gunicorn',
  java: 'javac',
  postgres: 'initdb',
  'php-fpm': 'php-fpm8.2',
  'ci-github': 'git',
  'ci-gitlab': 'git',
};
/** Programs that do not run as root: with root.yaml merged in, they run as this user, in a copy that the user can read. */
const userForRoot = { postgres: 'postgres' };
// Debian has servers where the PATH of ordinary users does not look.
process.env.PATH = [process.env.PATH, '/usr/sbin', '/sbin', ...postgresFolders()].join(':');
/** A step of its own. */
const STAYS = Symbol('stays');
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

function postgresFolders() {
  const versions = '/usr/lib/postgresql';
  return existsSync(versions) ? readdirSync(versions).map((version) => `${versions}/${version}/bin`) : [];
}

function folders() {
  return readdirSync(join(root, 'examples'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function check(name) {
  const declared = join(root, 'examples', name);
  const program = needs[name];
  const why = program === undefined ? null : whyNot(name, program);
  if (why !== null) {
    skipped.push(name);
    if (isValid(declared, program)) console.log(`validated only: ${name}: ${why}`);
    return;
  }
  const user = process.getuid?.() === 0 ? userForRoot[name] : undefined;
  const cwd = user === undefined ? declared : copyFor(user, declared);
  const files = user === undefined ? [] : ['-f', 'ecosystem.yaml', '-f', 'root.yaml', '--merge'];
  try {
    tryOut(name, cwd, files);
  } finally {
    if (cwd !== declared) rmSync(cwd, { recursive: true, force: true });
  }
}

function tryOut(name, cwd, files) {
  const steps = [
    [['validate', ...files], 0],
    [['plan', '--detailed-exitcode', ...files], 2],
    [['apply', '--timeout', '60s', ...files], 0],
    [['plan', '--detailed-exitcode', ...files], 0],
    [['apply', ...files], 0, /\b0 processes touched/],
    [['diff', ...files], 0],
    ...(says(cwd, 'exec_mode: cluster') ? [[['reload', 'all', '--timeout', '60s'], 0]] : []),
    ...(hasHooks(cwd) ? RELEASE_THAT_FAILS_ONCE : []),
    ...(says(cwd, '    reload:') ? [STAYS] : []),
    [['get'], 0, /Healthy|Completed/],
    ...(existsSync(join(cwd, 'check.sh')) ? [[CHECK, 0]] : []),
    [['delete', 'all', '--allow-wipe'], 0],
  ];
  for (const step of steps) {
    if (step === STAYS) {
      if (!staysOverReload(name, cwd)) return;
      continue;
    }
    const [args, code, output, more] = step;
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

/** Why it cannot be tried here; null: it can. */
function whyNot(name, program) {
  if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0) return `no ${program}`;
  const user = process.getuid?.() === 0 ? userForRoot[name] : undefined;
  if (user !== undefined && spawnSync('id', [user]).status !== 0) return `no user ${user}`;
  return null;
}

/** The folder of a checkout may be closed to others, and is not theirs to write to. */
function copyFor(user, declared) {
  const copy = mkdtempSync(join(tmpdir(), 'stw-as-'));
  cpSync(declared, copy, { recursive: true });
  chmodSync(copy, 0o755);
  spawnSync('install', ['-d', '-o', user, '-m', '700', join(copy, 'data')]);
  return copy;
}

/** The file alone, with something of the name of its program on the PATH. */
function isValid(cwd, program) {
  const folder = mkdtempSync(join(tmpdir(), 'stw-stub-'));
  writeFileSync(join(folder, program), '#!/bin/sh\n', { mode: 0o755 });
  const result = stateward(cwd, ['validate'], { PATH: `${process.env.PATH}:${folder}` });
  rmSync(folder, { recursive: true, force: true });
  if (result.status === 0) return true;
  failed += 1;
  console.error(`FAILED ${cwd}: validate ended with ${result.status}\n${result.stderr}`);
  return false;
}

/** Asked to read its settings again, every app that says how keeps its processes. */
function staysOverReload(name, cwd) {
  const pids = () =>
    JSON.parse(stateward(cwd, ['get', '-o', 'json']).stdout)
      .items.filter(({ spec }) => spec.reload != null)
      .flatMap(({ status }) => status.instances.map(({ pid }) => pid));
  const before = pids();
  const { status, stderr } = stateward(cwd, ['reload', 'all', '--timeout', '60s']);
  if (status === 0 && before.length > 0 && String(pids()) === String(before)) return true;
  failed += 1;
  console.error(`FAILED ${name}: reload ended with ${status}, pids ${before} then ${pids()}\n${stderr}`);
  stateward(cwd, ['delete', 'all', '--allow-wipe']);
  return false;
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

function says(cwd, text) {
  return readdirSync(cwd).some(
    (file) => file.endsWith('.yaml') && readFileSync(join(cwd, file), 'utf8').includes(text),
  );
}

function stateward(cwd, args, more = {}) {
  const env = { ...process.env, ...more, STATEWARD_HOME: home, NO_COLOR: '1' };
  return spawnSync(process.execPath, [bin, ...args], { cwd, env, encoding: 'utf8', timeout: 120_000 });
}
