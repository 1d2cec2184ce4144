import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';

const BIN = fileURLToPath(new URL('../../../dist/bin.cjs', import.meta.url));
const SERVER = `console.log('up', process.env.NODE_ENV, ...process.argv.slice(2));
process.on('SIGINT', () => { console.log('bye'); process.exit(0); });
setInterval(() => {}, 1e6);
`;

let folder: string;
let running: { readonly child: ChildProcess; readonly ended: Promise<number | null> }[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swdev-'));
  running = [];
  for (const name of ['work', 'tmp', 'home']) mkdirSync(join(folder, name));
  write('server.js', SERVER);
});
afterEach(async () => {
  for (const { child, ended } of running) {
    child.kill('SIGINT');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, text: string): void {
  writeFileSync(join(folder, 'work', name), text);
}

interface Dev {
  readonly child: ChildProcess;
  readonly shown: { out: string; err: string };
  readonly ended: Promise<number | null>;
}

/** In a user's environment of its own, with nothing said about a home. */
function dev(args: readonly string[], stdout: 'pipe' | number = 'pipe'): Dev {
  const { STATEWARD_HOME: _home, NODE_ENV: _mode, ...env } = process.env;
  const child = spawn(process.execPath, [BIN, 'dev', ...args], {
    cwd: join(folder, 'work'),
    env: { ...env, NO_COLOR: '1', TMPDIR: join(folder, 'tmp'), HOME: join(folder, 'home') },
    stdio: ['ignore', stdout, 'pipe'],
  });
  const shown = { out: '', err: '' };
  child.stdout?.on('data', (chunk: Buffer) => (shown.out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (shown.err += chunk.toString()));
  const started = { child, shown, ended: once(child, 'close').then(([code]) => code as number | null) };
  running.push(started);
  return started;
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

function homes(): readonly string[] {
  return readdirSync(join(folder, 'tmp')).filter((name) => name.startsWith('stateward-dev-'));
}

/** Or a zombie of whoever is to reap it. */
function isGone(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return true;
  }
}

/** The pids of what was started for a home, by the name of its folder. */
function processesOf(home: string): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(join('/proc', name, 'cmdline'), 'utf8')
        .split('\0')
        .some((part) => part.endsWith(`/${home}`));
    } catch {
      return false;
    }
  });
}

describe('dev', () => {
  test('runs a script, restarts it when a file changes, and says so in one line', async () => {
    const { child, shown, ended } = dev(['server.js', '--', '--verbose']);
    await eventually(() => (shown.out.includes('up development --verbose') ? true : undefined));
    appendFileSync(join(folder, 'work', 'server.js'), '// changed\n');
    await eventually(() => (count(shown.out, 'up development') === 2 ? true : undefined));
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(count(shown.out, 'bye')).toBe(2);
    expect(shown.err.split('\n').filter((line) => line.includes('server.js changed'))).toHaveLength(1);
  });

  test('leaves nothing behind, and the home of the user alone', async () => {
    const { child, shown, ended } = dev(['server.js']);
    await eventually(() => (shown.out.includes('up') ? true : undefined));
    expect(homes()).toHaveLength(1);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(homes()).toEqual([]);
    expect(readdirSync(join(folder, 'home')).filter((name) => name.startsWith('.stateward'))).toEqual([]);
    expect(readdirSync(join(folder, 'work'))).toEqual(['server.js']);
  });

  test('that is killed with kill -9 leaves no process and no home', async () => {
    write('server.js', `console.log('up', process.pid);\n${SERVER}`);
    const { child, shown, ended } = dev(['server.js']);
    const pid = await eventually(() => /up (\d+)/.exec(shown.out)?.[1]);
    const [home = ''] = homes();
    expect(processesOf(home)).not.toEqual([]);
    child.kill('SIGKILL');
    await ended;
    await eventually(() => homes().length === 0);
    await eventually(() => processesOf(home).length === 0);
    expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
  });

  test('that is killed while it comes up leaves nothing either', async () => {
    const { child, ended } = dev(['server.js']);
    const home = await eventually(() => homes()[0]);
    await eventually(() => processesOf(home).length > 0);
    child.kill('SIGKILL');
    await ended;
    await eventually(() => homes().length === 0 && processesOf(home).length === 0);
  });

  test('that is told twice to end kills what does not', async () => {
    write(
      'server.js',
      `console.log('up');\nprocess.on('SIGINT', () => console.log('no'));\nsetInterval(() => {}, 1e6);\n`,
    );
    write(
      'ecosystem.config.js',
      `module.exports = { apps: [{ name: 'api', script: './server.js', kill_timeout: '5m' }] }`,
    );
    const { child, shown, ended } = dev(['ecosystem.config.js']);
    await eventually(() => shown.out.includes('up'));
    child.kill('SIGINT');
    await eventually(() => shown.out.includes('no'));
    // Two within a second count as one: a terminal and a wrapping command both pass it on.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(shown.err).toContain('SIGINT again: killing what has not ended');
    expect(homes()).toEqual([]);
  });

  test('--post-exec runs a command after each restart, shows what it writes, and says when it fails', async () => {
    const command = 'echo checked $(cat server.js | wc -l); echo bad >&2; exit 3';
    const { child, shown, ended } = dev(['server.js', '--post-exec', command]);
    await eventually(() => (shown.out.includes('up') ? true : undefined));
    appendFileSync(join(folder, 'work', 'server.js'), '// changed\n');
    await eventually(() => (shown.err.includes('ended with exit code 3') ? true : undefined));
    expect(shown.err).toContain('post-exec: checked 4');
    expect(shown.err).toContain('post-exec: bad');
    expect(count(shown.err, 'post-exec: checked')).toBe(1);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
  });

  test('--post-exec is ended by the next restart, and with everything else, with what it has started', async () => {
    const command = 'trap "" TERM; sleep 1000 & echo pids $$ $!; wait; sleep 1000';
    const { child, shown, ended } = dev(['server.js', '--post-exec', command]);
    const pids = (): readonly number[] =>
      [...shown.err.matchAll(/pids (\d+) (\d+)/g)].flatMap(([, ...found]) => found.map(Number));
    await eventually(() => (shown.out.includes('up') ? true : undefined));
    appendFileSync(join(folder, 'work', 'server.js'), '// changed\n');
    await eventually(() => (pids().length === 2 ? true : undefined));
    appendFileSync(join(folder, 'work', 'server.js'), '// changed again\n');
    await eventually(() => (pids().length === 4 ? true : undefined));
    expect(pids().slice(0, 2).every(isGone)).toBe(true);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(pids().every(isGone)).toBe(true);
    expect(shown.err).not.toContain('ended with');
  });

  test('a second one beside it is its own', async () => {
    const [one, two] = [dev(['server.js']), dev(['server.js'])];
    for (const { shown } of [one, two]) await eventually(() => (shown.out.includes('up') ? true : undefined));
    expect(homes()).toHaveLength(2);
    one.child.kill('SIGINT');
    expect(await one.ended).toBe(0);
    appendFileSync(join(folder, 'work', 'server.js'), '// changed\n');
    await eventually(() => (count(two.shown.out, 'up') === 2 ? true : undefined));
  });

  test('goes on with a version that does not run, and takes the one that does', async () => {
    const { shown } = dev(['server.js']);
    await eventually(() => (shown.out.includes('up') ? true : undefined));
    write('server.js', 'syntax error(');
    await eventually(() => (shown.err.includes('SyntaxError') ? true : undefined));
    write('server.js', SERVER);
    // The next try after a crash may take it before the change is told of.
    await eventually(() => (count(shown.out, 'up') >= 2 ? true : undefined));
  });

  test('runs what a file declares, with its environment, and without its log files', async () => {
    write(
      'ecosystem.config.js',
      `module.exports = { apps: [
        { name: 'api', script: './server.js', env: { NODE_ENV: 'test' }, out_file: './api.log', max_restarts: 1 },
        { name: 'other', script: './server.js', watch: ['lib'] } ] }`,
    );
    const { child, shown, ended } = dev(['ecosystem.config.js', '--only', 'api']);
    await eventually(() => (shown.out.includes('up test') ? true : undefined));
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(shown.out).not.toContain('up development');
    expect(readdirSync(join(folder, 'work'))).not.toContain('api.log');
  });

  test('does not watch what is ignored, or the file that its own output goes to', async () => {
    const file = join(folder, 'work', 'own.log');
    const { child, ended } = dev(['server.js', '--ignore', 'data'], openSync(file, 'w'));
    await eventually(() => (readFileSync(file, 'utf8').includes('up') ? true : undefined));
    mkdirSync(join(folder, 'work', 'data'));
    write('data/x', '');
    write('seen.js', '');
    await eventually(() => (count(readFileSync(file, 'utf8'), 'up') === 2 ? true : undefined));
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(count(readFileSync(file, 'utf8'), 'up')).toBe(2);
  });

  test.each([
    [['nosuch.js'], 'there is no nosuch.js here'],
    [['server.js', 'extra'], 'arguments of the script go after --'],
    [['server.js', '--only', 'x'], '--only is about an ecosystem file'],
    [['server.js', '--silent-exec'], '--post-exec'],
  ])('%j is refused before anything runs', async (args, text) => {
    const { shown, ended } = dev(args);
    expect(await ended).toBe(64);
    expect(shown.err).toContain(text);
    expect(homes()).toEqual([]);
  });
});
