import { spawn } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { splitExecLine } from '../../../src/cli/fast/exec-line.ts';
import { BIN, Host } from '../../support/host.ts';

const host = new Host();
const isRoot = process.getuid?.() === 0;

beforeAll(async () => {
  host.write('app.js', 'setInterval(() => undefined, 1e6)');
  host.write('bin/not-executable', 'true');
  chmodSync(host.folder, 0o755);
  const app = { script: './app.js', exec_mode: 'fork' };
  host.declare(
    { name: 'web', ...app, env: { GREETING: 'hello', API_TOKEN: 'hush' }, umask: '027' },
    { name: 'two', ...app, instances: 2, increment_var: 'PORT', env: { PORT: 4000 } },
    { name: 'listens', ...app, port: 'auto' },
    ...(isRoot ? [{ name: 'other', ...app, script: 'sleep 1000', user: 'nobody', shell: true }] : []),
  );
  await host.ok('apply');
}, 60_000);
afterAll(() => host[Symbol.asyncDispose]());

async function exec(...words: readonly string[]) {
  const { code, stdout, stderr } = await host.run(['exec', ...words]);
  return { code, stdout, stderr };
}

describe('where the command of exec begins', () => {
  it.each([
    ['-it web bash', '-it web', 'bash'],
    ['web -it -- ls -l', 'web -it', 'ls -l'],
    ['web ls -- -l', 'web', 'ls -- -l'],
    ['-e A=b web --user u env --help', '-e A=b web --user u', 'env --help'],
    ['-ite A=b web env', '-ite A=b web', 'env'],
    ['-eA=b --env=C=d web env', '-eA=b --env=C=d web', 'env'],
    ['-l tier=web -- env', '-l tier=web', 'env'],
    ['web', 'web', ''],
  ])('of %j', (line, own, command) => {
    const split = splitExecLine(line.split(' '));
    expect([split.own.join(' '), split.command.join(' ')]).toEqual([own, command]);
  });
});

describe('exec', () => {
  it('runs in the folder, environment and umask of the app, with nothing of the shell and no mark of an instance', async () => {
    const ran = await host.run(['exec', 'web', '--', 'sh', '-c', 'pwd; umask; env'], {
      env: { FROM_SHELL: 'x' },
      cwd: '/',
    });
    expect(ran.code).toBe(0);
    const [cwd, umask, ...env] = ran.stdout.split('\n');
    expect([cwd, umask]).toEqual([host.folder, '0027']);
    expect(env).toEqual(
      expect.arrayContaining(['GREETING=hello', 'API_TOKEN=hush', 'STATEWARD_APP=web', 'STATEWARD_SLOT=0']),
    );
    expect(env.join('\n')).not.toMatch(/FROM_SHELL|STATEWARD_INSTANCE|STATEWARD_MARK/);
  });

  it('has what the slot has, and asks which one where there are several', async () => {
    expect((await exec('two:1', 'sh', '-c', 'echo $PORT')).stdout).toBe('4001\n');
    const both = await exec('two', 'env');
    expect(both.code).toBe(64);
    expect(both.stderr).toContain('name one of them: shop/two:0, shop/two:1');
    expect((await exec('all', 'env')).stderr).toContain('name one of them: shop/web, shop/two');
  });

  it('passes on input, output and errors as they are, and much of them', async () => {
    const much = 'x'.repeat(3_000_000);
    const ran = await host.run(['exec', '-i', 'web', '--', 'sh', '-c', 'cat; echo oops >&2'], {
      input: much,
    });
    expect(ran.stdout === much).toBe(true);
    expect(ran).toMatchObject({ code: 0, stderr: 'oops\n' });
  });

  it.each([
    ['a code', ['sh', '-c', 'exit 7'], 7],
    ['a signal', ['sh', '-c', 'kill -9 $$'], 137],
    ['a program that is not there', ['no-such-program'], 127],
    ['a path that is not there', ['./no-such-program'], 127],
    ['a file that may not be executed', ['bin/not-executable'], 126],
  ])('ends as the command does: %s', async (_name, command, code) => {
    expect((await exec('web', ...command)).code).toBe(code);
  });

  it('leaves the flags of the command alone', async () => {
    expect((await exec('web', 'node', '--version')).stdout).toBe(`${process.version}\n`);
    expect((await exec('web', 'node', '--help')).stdout).toContain('Usage: node');
    expect((await exec('web', 'echo', '-o', 'json', '--', '--home')).stdout).toBe('-o json -- --home\n');
    expect((await exec('--help')).stdout).toContain('exec [FLAGS] APP');
  });

  it('takes variables over those of the app', async () => {
    const print = ['sh', '-c', 'echo $GREETING $MORE'];
    expect((await exec('-e', 'GREETING=bye', 'web', '-e', 'MORE=a=b', '--', ...print)).stdout).toBe(
      'bye a=b\n',
    );
    const taken = await host.run(['exec', '-e', 'MORE', 'web', ...print], { env: { MORE: 'mine' } });
    expect(taken.stdout).toBe('hello mine\n');
    expect((await exec('-e', 'NOT_SET_ANYWHERE', 'web', 'env')).code).toBe(64);
  });

  it('works for a stopped app, and says whose environment that is', async () => {
    await host.ok('stop', 'two');
    const ran = await exec('two:0', 'sh', '-c', 'echo $PORT');
    expect(ran).toMatchObject({ code: 0, stdout: '4000\n' });
    expect(ran.stderr).toBe('shop/two:0 does not run: the command has what its next process gets\n');
    await host.ok('start', 'two');
    const port = (await exec('listens', 'sh', '-c', 'echo $PORT')).stdout;
    expect(port).toMatch(/^\d+\n$/);
    await host.ok('stop', 'listens');
    expect((await exec('listens', 'sh', '-c', 'echo $PORT')).stdout).toBe(port);
  });

  it('leaves an event with who and which program, and no argument', async () => {
    await exec('web', 'sh', '-c', 'true password=sesame');
    const { stdout } = await host.ok('events', 'web');
    expect(stdout).toMatch(/shop\/web:0 {2}Exec: \S+ ran sh$/m);
    expect(stdout).not.toContain('sesame');
  });

  it('goes on when the app is restarted: it is no part of it', async () => {
    const child = spawn(
      process.execPath,
      [BIN, 'exec', 'web', '--', 'sh', '-c', 'echo up; read line; echo got $line'],
      { env: { ...process.env, STATEWARD_HOME: host.home }, stdio: ['pipe', 'pipe', 'inherit'] },
    );
    let out = '';
    const isUp = new Promise<void>((resolve) =>
      child.stdout.on('data', (chunk: Buffer) => {
        out += chunk.toString();
        resolve();
      }),
    );
    const ended = new Promise((resolve) => child.once('close', resolve));
    await isUp;
    await host.ok('restart', 'web');
    child.stdin.end('a line\n');
    expect(await ended).toBe(0);
    expect(out).toBe('up\ngot a line\n');
  });

  it('hands SIGTERM to the command, and ends as that does', async () => {
    const child = spawn(
      process.execPath,
      [
        BIN,
        'exec',
        'web',
        '--',
        'sh',
        '-c',
        // A shell looks at its traps between two commands.
        'trap "echo asked; exit 9" TERM; echo up; while :; do sleep 0.02; done',
      ],
      { env: { ...process.env, STATEWARD_HOME: host.home }, stdio: ['pipe', 'pipe', 'inherit'] },
    );
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      if (out === 'up\n') child.kill('SIGTERM');
    });
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(9);
    expect(out).toBe('up\nasked\n');
  });

  it('gives the command the terminal that it has, and says so where -t asks for one that is not there', async () => {
    const line = `'${process.execPath}' '${BIN}' exec -it web -- sh -c 'test -t 0 && test -t 1 && echo $TERM'`;
    const ran = await host.run(['-qec', line, '/dev/null'], {
      within: ['env', 'TERM=vt100', 'sh', '-c', 'shift 2; exec script "$@"', 'sh'],
    });
    expect(ran).toMatchObject({ code: 0, stdout: 'vt100\r\n' });
    expect(await exec('-t', 'web', 'env')).toMatchObject({ code: 64, stdout: '' });
  });

  it('says what is missing', async () => {
    expect((await exec()).stderr).toContain('name an app and a command');
    expect((await exec('web')).stderr).toContain('name a command');
    expect(await exec('nobody', 'env')).toMatchObject({ code: 1, stdout: '' });
    expect((await exec('-e', '=x', 'web', 'env')).code).toBe(64);
    const ran = await host.run(['exec', 'web', 'env'], { env: { STATEWARD_HOME: `${host.folder}/none` } });
    expect(ran.code).toBe(69);
  });

  it.runIf(isRoot)('runs as the user of the app, or as the one that is named', async () => {
    const home = 'echo $HOME';
    expect((await exec('other', 'id', '-un')).stdout).toBe('nobody\n');
    expect((await exec('other', 'sh', '-c', home)).stdout).toBe('/nonexistent\n');
    expect((await exec('-u', 'daemon', 'web', 'id', '-un')).stdout).toBe('daemon\n');
    expect((await exec('-u', 'nobody:daemon', 'web', 'id', '-gn')).stdout).toBe('daemon\n');
    const unknown = await exec('-u', 'no-such-user', 'web', 'id');
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain('there is no user "no-such-user"');
  });
});
