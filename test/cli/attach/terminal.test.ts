import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { Host, isAlive } from '../../support/host.ts';
import { OnTerminal } from '../support/on-terminal.ts';

const host = new Host();
const isRoot = process.getuid?.() === 0;
const opened: OnTerminal[] = [];

/** Says what its terminal is, answers lines, and ends as it is told. */
const APP = `const { stdin, stdout, stderr, env } = process;
  const size = () => console.log('size ' + stdout.columns + 'x' + stdout.rows);
  console.log('up ' + (stdin.isTTY && stdout.isTTY && stderr.isTTY) + ' ' + env.TERM);
  size();
  stdout.on('resize', size);
  process.on('SIGINT', () => console.log('interrupted'));
  stdin.on('data', (bytes) => {
    const line = bytes.toString().trim();
    const [, code] = /^exit (\\d+)/.exec(line) ?? [];
    if (code !== undefined) process.exit(Number(code));
    console.log('got ' + line);
  });`;

const DRAWS = `process.stdout.write('\\x1b[31mred\\x1b[0m\\r\\n10%\\r\\x1b[K50%\\r\\x1b[K100%\\r\\n');
  process.stdout.write('\\x1b]0;title\\x07\\x1b[2Jabx\\bc\\n\\x1b[?1049hhidden\\r\\nscreen\\r\\n\\x1b[?1049l\\r\\nlast\\n');
  setInterval(() => undefined, 1e6);`;

function attach(...args: readonly string[]): OnTerminal {
  const terminal = new OnTerminal(host, ['attach', ...args]);
  opened.push(terminal);
  return terminal;
}

function log(app: string, file = `${app}-out.log`): string {
  const path = join(host.home, 'logs/shop', file);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

async function pidOf(app: string): Promise<number> {
  return (await host.pids())[app]?.[0] ?? -1;
}

function sockets(): readonly string[] {
  return readdirSync(join(host.home, 'run/t'));
}

const DETACH = '\x10\x11';

beforeAll(async () => {
  host.write('app.js', APP);
  host.write('draws.js', DRAWS);
  host.write(
    'lines.js',
    `require('node:readline').createInterface({ input: process.stdin })
       .on('line', (line) => console.log('got ' + line + ' ' + process.stdin.isTTY));`,
  );
  chmodSync(host.folder, 0o755);
  const app = { script: './app.js', tty: true, stop_signal: 'SIGTERM', merge_logs: true };
  host.declare(
    { name: 'one', ...app },
    { name: 'two', ...app, autorestart: false },
    { name: 'lines', script: './lines.js', merge_logs: true },
    { name: 'draws', script: './draws.js', tty: true, merge_logs: true },
    { name: 'cat', script: 'stty -echo && echo ready && cat', shell: true, tty: true, merge_logs: true },
    ...(isRoot
      ? [
          {
            name: 'other',
            script: 'test -w $(tty) && id -un && sleep 1e6',
            shell: true,
            tty: true,
            user: 'nobody',
            merge_logs: true,
          },
        ]
      : []),
  );
  await host.ok('apply');
}, 60_000);
afterAll(async () => {
  for (const terminal of opened) terminal.kill();
  await host[Symbol.asyncDispose]();
});

describe.runIf(process.platform === 'linux')('an app with tty: true', () => {
  it('has a terminal for its three streams, and is the one that the runner started', async () => {
    await eventually(() => log('one').includes('size'));
    expect(log('one')).toBe('up true xterm-256color\nsize 80x24\n');
    expect(sockets()).toContain(String(await pidOf('one')));
    expect((await host.ok('describe', 'one')).stdout).toMatch(/Terminal: +stateward attach shop\/one/);
  });

  it('has its output in the log as lines, as they stood in the end, with colours and nothing else for terminals', async () => {
    await eventually(() => log('draws').includes('last'));
    expect(log('draws')).toBe('\x1b[31mred\x1b[0m\n100%\nabc\nlast\n');
    expect((await host.ok('logs', 'draws', '--no-color')).stdout).toContain('100%\n');
  });

  it('is shown what is typed elsewhere, told of sizes, and left with the keys that detach', async () => {
    const terminal = attach('one');
    await terminal.until('size 100x30');
    terminal.type('hello\r');
    await terminal.until('hello\ngot hello\n');
    execFileSync('stty', ['-F', terminal.path, 'rows', '20', 'cols', '50']);
    await terminal.until('size 50x20');
    terminal.type('\x03');
    await terminal.until('interrupted');
    terminal.type(DETACH);
    expect(await terminal.ended).toBe(0);
    expect(terminal.shown).toContain('detached; shop/one:0 runs on');
    // The terminal is as it was found.
    expect(terminal.shown).toMatch(/ icanon\s*$/);
    expect(await host.pids()).toMatchObject({ one: [await pidOf('one')] });
  });

  it('can have several at once, and some that only look', async () => {
    const typing = attach('one', '--detach-keys', 'ctrl-a,x');
    await typing.until('attached to shop/one:0');
    const looking = attach('one', '--read-only');
    // It is shown what was.
    await looking.until('got hello');
    looking.type('not this\r');
    typing.type('\x10 both\r');
    await typing.until('both\n');
    await looking.until('both\n');
    looking.type('\x03');
    expect(await looking.ended).toBe(0);
    typing.type('\x01x');
    expect(await typing.ended).toBe(0);
    expect(typing.shown).not.toContain('not this');
  });

  it('keeps its terminal, and who is attached, when everything of stateward is killed', async () => {
    const pid = await pidOf('one');
    const terminal = attach('one');
    await terminal.until('attached to');
    const { runner, controller } = await host.daemon();
    const pids = [runner?.pid ?? -1, controller?.pid ?? -1];
    for (const one of pids) process.kill(one, 'SIGKILL');
    await eventually(() => !pids.some(isAlive));
    terminal.type('still there\r');
    await terminal.until('got still there');
    await host.ok('daemon', 'start');
    await eventually(() => log('one').includes('got still there\n'));
    terminal.type('and logged\r');
    await eventually(() => log('one').includes('got and logged\n'));
    terminal.type(DETACH);
    await terminal.ended;
    expect(await pidOf('one')).toBe(pid);
    await host.ok('daemon', 'upgrade');
    await host.run(['attach', 'one'], { input: 'after an upgrade\n' });
    await eventually(() => log('one').includes('got after an upgrade\n'));
    expect(await pidOf('one')).toBe(pid);
  });

  it('ends attach with its own exit code', async () => {
    await host.ok('restart', 'two');
    const terminal = attach('two');
    await terminal.until('up true');
    const pid = await pidOf('two');
    terminal.type('exit 7\r');
    expect(await terminal.ended).toBe(7);
    expect(terminal.shown).toContain('shop/two:0 ended with code 7');
    expect(terminal.shown).toMatch(/ icanon\s*$/);
    expect(sockets()).not.toContain(String(pid));
    const ran = await host.run(['attach', 'two'], { input: 'x' });
    expect(ran).toMatchObject({ code: 64, stdout: '' });
    expect(ran.stderr).toContain('no process of two runs');
  });

  it('takes everything of a pipe, as typed, however much it is', async () => {
    const lines = Array.from({ length: 5_000 }, (_, index) => `line-${index}\n`).join('');
    await eventually(() => log('cat').includes('ready'));
    expect(await host.run(['attach', 'cat'], { input: lines })).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '',
    });
    await eventually(() => log('cat').includes('line-4999\n'));
    expect(log('cat') === `ready\n${lines}`).toBe(true);
  });

  it.runIf(isRoot)('owns its terminal, as another user too', async () => {
    await eventually(() => log('other').includes('nobody'));
    expect(log('other')).toBe('nobody\n');
  });

  it('stops like any other, and nothing is left of its terminal', async () => {
    const pid = await pidOf('one');
    await host.ok('stop', 'one');
    await eventually(() => !sockets().includes(String(pid)));
    const events = (await host.ok('events', 'one')).stdout;
    expect(events).toMatch(/StopCompleted: slot 0 ended .* as asked/);
  });

  it.each([
    ['ctrl-p ctrl-q', DETACH],
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
  ])('without it, lines are edited and typed, and left with %s', async (_name, keys) => {
    const terminal = attach('lines');
    await terminal.until('Ctrl-C or ctrl-p,ctrl-q detaches');
    terminal.type('helx\x7flo there\r');
    await terminal.until('got hello there undefined');
    terminal.type(keys);
    expect(await terminal.ended).toBe(0);
    expect(terminal.shown).toContain('detached; shop/lines:0 runs on');
    expect(terminal.shown).toMatch(/ icanon\s*$/);
  });

  it('without it, --read-only shows what is logged and types nothing', async () => {
    const looking = attach('lines', '--no-stdin');
    await looking.until('read-only');
    looking.type('not this\r');
    const typing = attach('lines');
    await typing.until('attached');
    typing.type('this\r');
    await looking.until('got this');
    looking.type('\x03');
    typing.type(DETACH);
    expect(await looking.ended).toBe(0);
    expect(log('lines')).not.toContain('not this');
  });

  it('ends soon with its process where nobody is there to say how that ended', async () => {
    await host.ok('restart', 'two');
    const terminal = attach('two');
    await terminal.until('up true');
    await host.ok('daemon', 'stop');
    terminal.type('exit 7\r');
    expect(await terminal.ended).toBe(1);
    expect(terminal.shown).toContain('the daemon does not say how the process ended');
    expect(terminal.shown).toMatch(/ icanon\s*$/);
    await host.ok('daemon', 'start');
  });

  it('cannot be declared with another input', async () => {
    const file = host.write(
      'bad.yaml',
      'project: bad\napps: [{ name: a, script: ./app.js, tty: true, stdin: "null" }]\n',
    );
    const ran = await host.run(['validate', '-f', file]);
    expect(ran.code).toBe(65);
    expect(ran.text).toContain('with `tty: true` the input of the app is its terminal');
  });
});
