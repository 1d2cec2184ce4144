import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VerbRequest } from '../../src/api/contract/wire/verbs.ts';
import { buildCli } from './support/build.ts';
import type { BuiltCli } from './support/build.ts';
import type { Canned } from './support/canned.ts';
import { toldApps } from '../../src/cli/wait/told-apps.ts';
import { createStyle } from '../../src/cli/views/text/terminal.ts';
import { app, appList, NOW_MS } from './support/fixtures.ts';
import { createRoom } from './support/run.ts';

let cli: BuiltCli;
beforeAll(async () => {
  cli = await buildCli();
});
afterAll(() => cli[Symbol.asyncDispose]());

const target = { app: 'shop/api', generation: 3, gone: false } as const;

/** Canned answers beside a list of the requests that came in. */
function recorded(canned: Partial<Canned>): {
  readonly canned: Partial<Canned>;
  readonly requests: unknown[];
} {
  const requests: unknown[] = [];
  return { canned: { ...canned, onRequest: (request) => requests.push(request) }, requests };
}

describe('a verb', () => {
  it.each([
    [['stop', 'api'], { verb: 'stop', selectors: ['api'], command: 'stop api' }],
    [['restart', 'shop/api'], { verb: 'restart', selectors: ['shop/api'] }],
    [['rm', 'api', '--allow-wipe'], { verb: 'delete', selectors: ['api'], allowWipe: true }],
    [['del', 'api'], { verb: 'delete', allowWipe: false }],
    [['scale', 'api', '4'], { verb: 'scale', selectors: ['api'], instances: 4 }],
    [['scale', 'api', '-1'], { verb: 'scale', selectors: ['api'], delta: -1 }],
    [['scale', 'api=2'], { verb: 'scale', selectors: ['api'], instances: 2 }],
    [['start', 'api'], { verb: 'start', selectors: ['api'] }],
  ])('%j sends what it says', async (args, request) => {
    await using room = await createRoom(cli);
    const { canned, requests } = recorded({ apps: [app('api')] });
    await room.serve(canned);
    expect((await room.run(args)).code).toBe(0);
    expect(requests).toHaveLength(1);
    expect(requests[0] as VerbRequest).toMatchObject(request);
  });

  it('says what is under way when it does not wait, and what was done when it has', async () => {
    await using room = await createRoom(cli);
    const verbResults = [{ app: 'shop/api', changed: true, message: 'stopped' }] as const;
    await room.serve({ apps: [app('api')], verbResults });
    expect((await room.run(['stop', 'api', '--no-wait'])).stdout).toBe('shop/api  stopping\n');
    expect((await room.run(['stop', 'api'])).stdout).toBe('shop/api  stopped\n');
  });

  it('says so when there is no app to do it to', async () => {
    await using room = await createRoom(cli);
    await room.serve({ apps: [app('api')], verbResults: [] });
    expect(await room.run(['stop', 'all'])).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^no apps$/m) as string,
    });
  });

  it('takes the word that finds nothing for the one that was mistyped, wherever it stands', async () => {
    await using room = await createRoom(cli);
    await room.serve({
      apps: [app('api')],
      failure: { code: 'SELECTOR_NOT_FOUND', message: 'cannot find an app for w.jss' },
    });
    await writeFile(join(room.cwd, 'api.js'), '');
    await writeFile(join(room.cwd, 'w.js'), '');
    const { stderr } = await room.run(['restart', 'api', 'w.jss']);
    expect(stderr).toContain(`there is no file w.jss in ${room.cwd}`);
    expect(stderr).toContain('help: did you mean w.js?');
  });

  it('says of a file that is not there that it is not, and which is called nearly so', async () => {
    await using room = await createRoom(cli);
    await room.serve({ apps: [app('api')] });
    await writeFile(join(room.cwd, 'ecosystem.config.cjs'), '');
    await writeFile(join(room.cwd, 'app.js'), '');
    const restart = await room.run(['restart', 'ecosystem.config.js']);
    expect(restart.code).toBe(65);
    expect(restart.stderr).toBe(
      `error[CONFIG_NOT_FOUND]: there is no file ecosystem.config.js in ${room.cwd}, and no app of that name\n` +
        '  help: did you mean ecosystem.config.cjs?\n',
    );
    const start = await room.run(['start', 'app.jss']);
    expect(start.code).toBe(1);
    expect(start.stderr).toContain(`there is no file app.jss in ${room.cwd}`);
    expect(start.stderr).toContain('did you mean app.js?');
  });

  it('waits until its targets are as asked for, and tells every step on stderr', async () => {
    await using room = await createRoom(cli);
    const verbResults = [{ app: 'shop/api', changed: true, message: 'restarting 1 instance' }] as const;
    const restarting = app('api', {
      health: 'Progressing',
      sync: 'OutOfSync',
      readyInstances: 0,
      observedGeneration: 2,
    });
    const watch = [appList(restarting), appList(app('api'))];
    await room.serve({ apps: [restarting], verbResults, watch, targets: [target] });
    const ran = await room.run(['restart', 'api']);
    expect(ran).toMatchObject({ code: 0, stdout: 'shop/api  restarting 1 instance\n' });
    expect(ran.stderr).toMatch(
      /^… shop\/api {2}Progressing, 0\/1 ready\n✓ shop\/api {2}Healthy, 1\/1 ready\nID /,
    );
  });

  it('opens no stream for what is as asked for already', async () => {
    await using room = await createRoom(cli);
    await room.serve({ apps: [app('api')], watch: [], targets: [target] });
    expect((await room.run(['restart', 'api', '--timeout', '10s'])).code).toBe(0);
  });

  it.each([['stop'], ['restart'], ['reload'], ['start'], ['scale', '2']])(
    'shows the apps that it was about after %s, beside what it gives to programs',
    async (verb, ...more) => {
      await using room = await createRoom(cli);
      const verbResults = [{ app: 'shop/api', changed: true, message: 'done' }] as const;
      await room.serve({ apps: [app('api'), app('web')], verbResults, targets: [target] });
      const ran = await room.run([verb, 'api', ...more]);
      expect(ran).toMatchObject({ code: 0, stdout: 'shop/api  done\n' });
      expect(ran.stderr.split('\n')).toEqual([
        'ID  NAME  HEALTH   READY  RESTARTS  CPU   MEM  UPTIME',
        expect.stringMatching(/^0 {3}api {3}Healthy/),
        '',
      ]);
      const silent = await room.run([verb, 'api', ...more, '-s']);
      expect(silent).toEqual({ code: 0, stdout: '', stderr: '' });
      const json = await room.run([verb, 'api', ...more, '-o', 'json']);
      expect(json).toMatchObject({ code: 0, stderr: '' });
    },
  );

  it('shows no more apps than a screen has room for, and says how many are left', () => {
    const many = Array.from({ length: 45 }, (_, index) => app(`a${index}`));
    const bad = app('zz', { health: 'Failed', why: 'exited with code 1' });
    const style = createStyle(false);
    const lines = toldApps(appList(...many, bad), { style, nowMs: NOW_MS, columns: 80 }).split('\n');
    expect(lines[1]).toMatch(/zz {4}Failed/);
    expect(lines.slice(40)).toEqual([expect.stringMatching(/Healthy/), 'and 6 more apps: stateward get', '']);
  });

  it('does not wait with --no-wait', async () => {
    await using room = await createRoom(cli);
    await room.serve({ apps: [app('api')], watch: [], targets: [target] });
    expect(await room.run(['restart', 'api', '--no-wait'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('fails with the reason and the last lines of the log', async () => {
    await using room = await createRoom(cli);
    const logs = [{ app: 'shop/api', slot: 0, stream: 'err', line: 'cannot bind \u001b[2J3000' }] as const;
    await room.serve({ apps: [app('api', { health: 'Failed' })], targets: [target], logs });
    const ran = await room.run(['restart', 'api']);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toBe(
      [
        '✗ shop/api  Failed',
        'error[APP_FAILED]: shop/api failed',
        '  shop/api: Failed',
        '    err | cannot bind \\x1b[2J3000',
        '  help: stateward logs shop/api shows more',
        '',
      ].join('\n'),
    );
  });

  it.each(['NotReady', 'NotListening'] as const)(
    'fails for an instance that is %s in time, though others serve',
    async (reason) => {
      await using room = await createRoom(cli);
      const message = 'not ready for 1s, listen_timeout is over';
      const stuck = app('api', {
        health: 'Degraded',
        desiredInstances: 2,
        conditions: [{ type: 'Progressing', status: 'False', reason, message, lastTransitionTime: '' }],
      });
      await room.serve({ apps: [stuck], targets: [target] });
      const ran = await room.run(['restart', 'api', '--timeout', '5s']);
      expect(ran.code).toBe(1);
      expect(ran.stderr).toContain(`shop/api: Degraded, 1/2 ready: ${message}`);
    },
  );

  it('leaves the frames of Node itself out of what the log says', async () => {
    await using room = await createRoom(cli);
    const lines = [
      '/srv/api.js:3',
      ...Array.from({ length: 9 }, () => '    at wrapSafe (node:internal/modules/cjs/loader:1464:18)'),
      '    at node:internal/main/run_main_module:28:49',
      '    at listenInCluster (node:net:1980:11)',
      '',
      'Node.js v20.20.2',
    ];
    const logs = lines.map((line) => ({ app: 'shop/api', slot: 0, stream: 'err', line }) as const);
    await room.serve({ apps: [app('api', { health: 'CrashLoop' })], targets: [target], logs });
    const { stderr } = await room.run(['restart', 'api']);
    expect(stderr).toContain('    err | /srv/api.js:3\n    err | Node.js v20.20.2\n');
  });

  it('prints one object with -o json, be it the result or the failure', async () => {
    await using room = await createRoom(cli);
    const verbResults = [{ app: 'shop/api', changed: true, message: 'stopping' }] as const;
    await room.serve({ apps: [app('api', { health: 'Failed' })], verbResults, targets: [target] });
    const failed = await room.run(['stop', 'api', '-o', 'json']);
    expect(failed.code).toBe(1);
    expect(JSON.parse(failed.stdout)).toMatchObject({ error: { code: 'APP_FAILED' } });
    const done = await room.run(['stop', 'api', '-o', 'json', '--no-wait']);
    expect(JSON.parse(done.stdout)).toEqual({ results: verbResults, targets: [target] });
  });

  it('gives up after --timeout with exit 4 and what it waits for', async () => {
    await using room = await createRoom(cli);
    await room.serve({ apps: [app('api', { health: 'Progressing', readyInstances: 0 })], targets: [target] });
    const ran = await room.run(['restart', 'api', '--timeout', '5s']);
    expect(ran.code).toBe(4);
    expect(ran.stderr).toContain('error[WAIT_TIMEOUT]: not converged after 5s; the daemon goes on with it');
    expect(ran.stderr).toContain('  shop/api: Progressing, 0/1 ready\n');
  });

  it('says at Ctrl-C that the daemon goes on, and exits 130', async () => {
    await using room = await createRoom(cli);
    await room.serve({ apps: [app('api', { health: 'Progressing' })], targets: [target] });
    const child = room.spawn(['restart', 'api']);
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    await once(child.stderr, 'data');
    child.kill('SIGINT');
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(130);
    expect(stderr).toContain('interrupted: the daemon goes on with it.');
  });

  it('passes on what the daemon refuses, with its exit code', async () => {
    await using room = await createRoom(cli);
    const failure = {
      code: 'PROTECTED',
      message: 'shop/api is protected',
      hint: 'use --allow-wipe',
    } as const;
    await room.serve({ apps: [app('api')], failure });
    const ran = await room.run(['delete', 'api']);
    expect(ran.code).toBe(6);
    expect(ran.stderr).toBe('error[PROTECTED]: shop/api is protected\n  help: use --allow-wipe\n');
  });
});

describe('the daemon', () => {
  it('is started by the first command that changes something, which says so once', async () => {
    await using room = await createRoom(cli);
    const script = join(room.cwd, 'app.js');
    await writeFile(script, '');
    const ran = await room.run(['start', script]);
    expect(ran.stderr).toContain('started the daemon in the background (stateward daemon stop ends it');
    const status = await room.run(['daemon', 'status', '-o', 'json']);
    expect(status.code).toBe(0);
    expect(JSON.parse(status.stdout)).toMatchObject({ controller: { uptimeMs: 61_000 }, home: room.home });
    expect(await room.run(['daemon', 'stop'])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'stopped the daemon; apps keep running\n',
    });
    expect((await room.run(['daemon', 'stop'])).stderr).toBe('the daemon does not run\n');
  });

  it.each([
    ['stop', 'nope'],
    ['restart', 'nope'],
    ['reload', '/^nope$/'],
    ['delete', 'shop/nope'],
    ['scale', 'nope', '2'],
    ['start', 'nope'],
    ['start', 'app.jss'],
  ])('is not started by %s %s, which finds nothing to do', async (...args) => {
    await using room = await createRoom(cli);
    const ran = await room.run(args);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain('error[SELECTOR_NOT_FOUND]');
    expect((await room.run(['daemon', 'status'])).code).toBe(69);
  });

  it('is not started to stop all of no apps', async () => {
    await using room = await createRoom(cli);
    expect(await room.run(['stop', 'all'])).toEqual({ code: 0, stdout: '', stderr: 'no apps\n' });
    expect((await room.run(['daemon', 'status'])).code).toBe(69);
  });

  it('is reached by every one of many commands that start it at once', async () => {
    await using room = await createRoom(cli);
    const ran = await Promise.all(Array.from({ length: 5 }, () => room.run(['daemon', 'start'])));
    expect(ran.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
    expect((await room.run(['daemon', 'stop'])).code).toBe(0);
  });

  it('that cannot start is exit 69 with the end of its log, less what older daemons wrote', async () => {
    await using room = await createRoom(cli);
    const { mkdir } = await import('node:fs/promises');
    await mkdir(room.home, { mode: 0o700 });
    await writeFile(join(room.home, 'daemon.log'), 'an older daemon said so\n');
    const ran = await room.run(['daemon', 'start'], { env: { STATEWARD_FAKE_FAILS: '1' } });
    expect(ran.code).toBe(69);
    expect(ran.stderr).toContain('error[DAEMON_START_FAILED]: cannot start the daemon: it ended with code 1');
    expect(ran.stderr).toContain('  cannot start: the fake was told to fail\n');
    expect(ran.stderr).not.toContain('older');
  });

  it('is not started in a home that others can read, nor at a path too long for a socket', async () => {
    await using room = await createRoom(cli);
    const { mkdir } = await import('node:fs/promises');
    await mkdir(room.home, { mode: 0o755 });
    const open = await room.run(['daemon', 'start']);
    expect(open.code).toBe(77);
    expect(open.stderr).toContain(`help: chmod 700 ${room.home}`);
    const long = await room.run(['daemon', 'start', '--home', `/tmp/${'x'.repeat(120)}`]);
    expect(long.code).toBe(1);
    expect(long.stderr).toContain('error[HOME_PATH_TOO_LONG]');
  });

  it('runs in the foreground with the output and the exit code of its program', async () => {
    await using room = await createRoom(cli);
    const ran = await room.run(['daemon', 'run'], { env: { STATEWARD_FAKE_FAILS: '1' } });
    expect(ran).toEqual({ code: 1, stdout: '', stderr: 'cannot start: the fake was told to fail\n' });
  });
});
