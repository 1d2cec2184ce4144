import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCli } from './support/build.ts';
import type { BuiltCli } from './support/build.ts';
import { NO_CHANGE } from './support/canned.ts';
import { EXITED, app, appList } from './support/fixtures.ts';
import { createRoom } from './support/run.ts';
import type { Ran } from './support/run.ts';

let cli: BuiltCli;
beforeAll(async () => {
  cli = await buildCli();
});
afterAll(() => cli[Symbol.asyncDispose]());

const apps = [
  app('api'),
  app('worker', { health: 'Stopped', readyInstances: 0, desiredInstances: 0, instances: [] }),
];
const events = [EXITED];

describe('why without a name', () => {
  it('explains what is not well, the worst first, and says when everything is', async () => {
    await using room = await createRoom(cli);
    const failed = app('worker', { health: 'Failed', sync: 'OutOfSync' });
    await room.serve({ apps: [app('api'), app('db', { health: 'Progressing' }), failed] });
    const all = await room.run(['why', '-o', 'json']);
    expect((JSON.parse(all.stdout) as { app: string }[]).map(({ app }) => app)).toEqual([
      'shop/worker',
      'shop/db',
    ]);
    await using well = await createRoom(cli);
    await well.serve({ apps: [app('api')] });
    expect(await well.run(['why'])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'everything is as it should be\n',
    });
  });
});

describe('get', () => {
  it('prints the same table over the fast path and through oclif', async () => {
    await using room = await createRoom(cli);
    await room.serve({ apps });
    const fast = await room.run(['get']);
    const full = await room.run(['get', '--no-color']);
    expect(fast.code).toBe(0);
    expect(fast.stdout).toMatch(
      /^ID {2}NAME {4}HEALTH {3}READY {2}RESTARTS {2}CPU {3}MEM {2}UPTIME\n0 {3}api {5}Healthy/,
    );
    expect(full).toEqual(fast);
    const sorted = await room.run(['get', '--sort', 'name:desc', '-o', 'name']);
    expect(sorted.stdout).toBe('shop/worker\nshop/api\n');
    const wrong = await room.run(['get', '--sort', 'nme']);
    expect(wrong).toMatchObject({ code: 64, stdout: '' });
    expect(wrong.stderr).toContain('write one of health, name, id');
    for (const alias of ['ls', 'list', 'ps', 'status']) expect(await room.run([alias])).toEqual(fast);
  });

  it('prints JSON of the same shape over both paths', async () => {
    await using room = await createRoom(cli);
    await room.serve({ apps });
    const fast = await room.run(['get', '-o', 'json', 'api']);
    const full = await room.run(['get', '-o', 'json', 'api', '--no-color']);
    expect(JSON.parse(fast.stdout)).toEqual({ apiVersion: 'v1', kind: 'AppList', items: [app('api')] });
    expect(full).toEqual(fast);
  });

  it('prints names that are selectors, and no header when told so', async () => {
    await using room = await createRoom(cli);
    await room.serve({ apps });
    expect((await room.run(['get', '-o', 'name'])).stdout).toBe('shop/api\nshop/worker\n');
    expect((await room.run(['get', 'worker', '--no-headers'])).stdout).toMatch(/^- {2}worker/);
  });

  it('says on stderr that there are no apps, and leaves stdout empty', async () => {
    await using room = await createRoom(cli);
    await room.serve({});
    expect(await room.run(['get'])).toEqual({ code: 0, stdout: '', stderr: 'no apps\n' });
  });

  it('prints no colours into a pipe, and prints them with FORCE_COLOR', async () => {
    await using room = await createRoom(cli);
    await room.serve({ apps });
    expect((await room.run(['get'])).stdout).not.toContain('\u001b');
    expect((await room.run(['get'], { env: { FORCE_COLOR: '1' } })).stdout).toContain('\u001b[32mHealthy');
    const both = await room.run(['get'], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } });
    expect(both.stdout).not.toContain('\u001b');
  });

  it('ends quietly when its reader has seen enough', async () => {
    await using room = await createRoom(cli);
    const many = Array.from({ length: 5000 }, (_, index) => app(`app-${index}`));
    await room.serve({ apps: many });
    const child = room.spawn(['get', '-o', 'json']);
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
  });

  it('is exit 1 for a selector that matches nothing', async () => {
    await using room = await createRoom(cli);
    await room.serve({ apps });
    const ran = await room.run(['get', 'nothing']);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('error[SELECTOR_NOT_FOUND]: no app matches nothing');
  });
});

describe('watching', () => {
  it('get -w prints every list, one object a line with -o json', async () => {
    await using room = await createRoom(cli);
    await room.serve({ apps, watch: [appList(apps[0] ?? app('api')), appList()] });
    const child = room.spawn(['get', '-w', '-o', 'json']);
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (lines.length === 2) break;
    }
    child.kill();
    await once(child, 'close');
    expect(lines.map((line) => (JSON.parse(line) as { items: unknown[] }).items.length)).toEqual([1, 0]);
  });
});

describe('without a daemon', () => {
  it.each([['get'], ['get', '-o', 'wide'], ['describe', 'api'], ['events'], ['history'], ['logs']])(
    '%s exits 69 with a hint, and starts none',
    async (...args) => {
      await using room = await createRoom(cli);
      const ran = await room.run(args);
      expect(ran).toMatchObject({ code: 69, stdout: '' });
      expect(ran.stderr).toContain('error[DAEMON_UNREACHABLE]: cannot reach the daemon: none runs at');
      expect(ran.stderr).toContain('help: start it with: stateward daemon start');
    },
  );

  it('prints exactly one error object on stdout with -o json', async () => {
    await using room = await createRoom(cli);
    const ran = await room.run(['get', '-o', 'json']);
    expect(ran).toMatchObject({ code: 69, stderr: '' });
    expect(JSON.parse(ran.stdout)).toEqual({
      error: {
        code: 'DAEMON_UNREACHABLE',
        message: `cannot reach the daemon: none runs at ${room.home}/run/api.sock`,
        hint: 'start it with: stateward daemon start',
      },
    });
  });

  it('daemon status says so in its usual shape, with exit 69', async () => {
    await using room = await createRoom(cli);
    const ran = await room.run(['daemon', 'status', '-o', 'json']);
    expect(ran.code).toBe(69);
    expect(JSON.parse(ran.stdout)).toEqual({
      controller: null,
      runner: null,
      home: room.home,
      socket: `${room.home}/run/api.sock`,
      apps: { count: 0, processes: 0 },
    });
  });
});

describe('describe', () => {
  it('shows one app with its events, and the specs as JSON', async () => {
    await using room = await createRoom(cli);
    await room.serve({ apps, events });
    const { stdout, code } = await room.run(['describe', 'api']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^App: +shop\/api\n/);
    expect(stdout).toContain('Exited: exited with code 1');
    const json = await room.run(['describe', 'api', '-o', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ kind: 'AppList', items: [{ name: 'api' }] });
  });
});

describe('events, history and logs', () => {
  it('events prints a line an event, and with -w an object a line', async () => {
    await using room = await createRoom(cli);
    await room.serve({ apps, events });
    expect((await room.run(['events'])).stdout).toBe(
      '2026-01-01T11:59:00.000Z  warning  shop/api:0  Exited: exited with code 1\n',
    );
    expect(JSON.parse((await room.run(['events', '-o', 'json'])).stdout)).toMatchObject({
      kind: 'EventList',
    });
  });

  it('events shows what an app has sent without what would steer the terminal', async () => {
    await using room = await createRoom(cli);
    const sent = { ...EXITED, level: 'info', reason: 'MessageReceived', message: 'hi \u001b[2J' } as const;
    await room.serve({ apps, events: [{ ...sent, data: 'hi \u001b[2J' }] });
    expect((await room.run(['events'])).stdout).toContain('shop/api:0  MessageReceived: hi \\x1b[2J\n');
    const json = await room.run(['events', '-o', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ items: [{ data: 'hi \u001b[2J' }] });
  });

  it('history of a project that there is none of fails and names the others', async () => {
    await using room = await createRoom(cli);
    await room.serve({ apps: [app('api')] });
    const ran = await room.run(['history', 'nope']);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('there is no project nope');
    expect(ran.stderr).toContain('known are shop');
  });

  it('history prints revisions, newest first as they came', async () => {
    await using room = await createRoom(cli);
    const summary = { ...NO_CHANGE, roll: 1 };
    const base = { project: 'shop', hash: 'abc', by: 'ada', changes: [], summary };
    const revisions = [
      { ...base, revision: 2, at: new Date().toISOString(), command: 'apply -f ecosystem.yaml' },
      {
        ...base,
        revision: 1,
        at: new Date().toISOString(),
        command: 'apply -f ecosystem.yaml',
        summary: NO_CHANGE,
      },
    ];
    await room.serve({ apps, revisions });
    const { stdout } = await room.run(['history', 'shop']);
    expect(stdout.replace(/\d+s ago/g, 'AGE')).toBe(
      [
        'REVISION  WHEN    BY   COMMAND                  CHANGES  OUTCOME',
        '2         AGE  ada  apply -f ecosystem.yaml  -        -',
        '1         AGE  ada  apply -f ecosystem.yaml  -        -',
        '',
      ].join('\n'),
    );
  });

  it('logs prints lines with their source, filters them, and leaves bytes alone in a pipe', async () => {
    await using room = await createRoom(cli);
    const line = (stream: 'out' | 'err', text: string) =>
      ({ app: 'shop/api', slot: 0, stream, line: text }) as const;
    await room.serve({ apps, logs: [line('out', 'hello \u001b[31mred'), line('err', 'refused')] });
    expect((await room.run(['logs'])).stdout).toBe(
      'shop/api:0 | hello \u001b[31mred\nshop/api:0 err | refused\n',
    );
    expect((await room.run(['logs', '--grep', 're[f]used'])).stdout).toBe('shop/api:0 err | refused\n');
    expect(JSON.parse((await room.run(['logs', '--json', '--grep', 'refused'])).stdout)).toEqual(
      line('err', 'refused'),
    );
    expect((await room.run(['logs', '--grep', '('])).code).toBe(64);
    expect((await room.run(['logs', '--since', 'yesterday'])).code).toBe(64);
  });
});

describe('what needs no daemon', () => {
  it('version tells its own version and that no daemon runs', async () => {
    await using room = await createRoom(cli);
    expect((await room.run(['--version'])).stdout).toBe('stateward 1.2.3\n');
    expect((await room.run(['-v'])).stdout).toBe('stateward 1.2.3\n');
    const text = `stateward 1.2.3\ndaemon    not running\nnode      ${process.version}\n`;
    expect((await room.run(['version'])).stdout).toBe(text);
    expect((await room.run(['version', '--no-color'])).stdout).toBe(text);
    const { stdout } = await room.run(['version', '-o', 'json']);
    expect(JSON.parse(stdout)).toEqual({
      ...{ cli: '1.2.3', daemon: null, runner: null, node: process.version },
      builds: { cli: 'unknown', daemon: null, runner: null },
    });
  });

  it('version tells what answers', async () => {
    await using room = await createRoom(cli);
    await room.serve({});
    const fast = await room.run(['version']);
    expect(fast.stdout).toContain('daemon    1.2.3\nrunner    1.2.3\n');
    expect(await room.run(['version', '--no-color'])).toEqual(fast);
  });

  it('schema prints the schema, explain explains a field of it', async () => {
    await using room = await createRoom(cli);
    expect(JSON.parse((await room.run(['schema'])).stdout)).toMatchObject({
      title: expect.any(String) as string,
    });
    expect((await room.run(['explain', 'max_memory_restart'])).stdout).toMatch(
      /^apps\.max_memory_restart {2}</,
    );
    const unknown = await room.run(['explain', 'max_memory_restrat']);
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain('help: did you mean max_memory_restart?');
  });

  it('doctor fails on a home that others can read', async () => {
    await using room = await createRoom(cli);
    await room.serve({});
    expect((await room.run(['doctor'])).code).toBe(0);
    const { chmod } = await import('node:fs/promises');
    await chmod(room.home, 0o755);
    const ran = await room.run(['doctor', '-o', 'json']);
    expect(ran.code).toBe(1);
    const { items } = JSON.parse(ran.stdout) as { items: { name: string; level: string; hint?: string }[] };
    expect(items.find(({ name }) => name === 'home')).toMatchObject({
      level: 'fail',
      hint: `chmod 700 ${room.home}`,
    });
  });

  it('works the same with a code cache that is broken, and without one', async () => {
    await using room = await createRoom(cli);
    const first = await room.run(['explain', 'apps']);
    const { readdir, writeFile } = await import('node:fs/promises');
    const folder = `${room.cwd}/cache/stateward`;
    const [file = ''] = await readdir(folder);
    await writeFile(`${folder}/${file.replace('1.2.3', '1.2.2')}`, 'of an older build');
    expect(await room.run(['explain', 'apps'])).toEqual(first);
    await writeFile(`${folder}/${file}`, 'not compiled code');
    expect(await room.run(['explain', 'apps'])).toEqual(first);
    expect(await readdir(folder)).toEqual([file]);
    expect(await room.run(['explain', 'apps'], { env: { STATEWARD_NO_CODE_CACHE: '1' } })).toEqual(first);
    expect(await room.run(['explain', 'apps'], { env: { XDG_CACHE_HOME: '/dev/null' } })).toEqual(first);
    expect(first.code).toBe(0);
  });
});

describe('a command line that is wrong', () => {
  it.each([
    [['frobnicate'], 'unknown command "frobnicate"'],
    [['aply'], 'stateward --help lists the commands'],
    [['-w'], '-w is about a command, and none is named'],
    [['stop', ''], 'an empty text names nothing'],
    [['describe', ''], 'an empty text names nothing'],
    [['get', '--no-haeders'], 'did you mean --no-headers?'],
    [['get', '-o', 'xml'], 'expected --output=xml to be one of'],
    [['scale', 'api', '0'], 'help: stateward stop'],
    [['stop'], 'name an app, or all'],
    [['history', 'a', 'b'], 'unexpected argument: b'],
    [['history', 'a', '--', 'b'], 'unexpected argument: b'],
    [['plan', 'ecosystem.yaml'], 'stateward plan -f ecosystem.yaml'],
    [['logs', '-n', 'x'], '--lines: expected an integer but received: x'],
    [['logs', '-n', '10001'], '--lines: expected an integer less than or equal to 10000 but received: 10001'],
    [['logs', '--out', '--err'], '--err cannot go with --out'],
    [['plan', '--prune=maybe'], '--prune takes true or false'],
    [['start', 'app.js', '--no-such-flag'], 'unknown flag --no-such-flag'],
    [['apply', '--timeout', 'soon'], '"soon" is not a duration'],
  ])('%j exits 64 and says what is wrong', async (args, text) => {
    await using room = await createRoom(cli);
    const ran = await room.run(args);
    expect(ran).toMatchObject({ code: 64, stdout: '' });
    expect(ran.stderr).toContain('error[USAGE]: ');
    expect(ran.stderr).toContain(text);
  });

  it('is one object on stdout with -o json', async () => {
    await using room = await createRoom(cli);
    const ran = await room.run(['get', '--nope', '-o', 'json']);
    expect(ran).toMatchObject({ code: 64, stderr: '' });
    expect(JSON.parse(ran.stdout)).toEqual({
      error: {
        code: 'USAGE',
        message: 'unknown flag --nope',
        hint: 'stateward get --help lists those of the command',
      },
    });
  });
});

describe('global flags', () => {
  it('may stand before the command, also where the fast path answers', async () => {
    await using room = await createRoom(cli);
    await room.serve({ apps: [app('api')] });
    const plain = await room.run(['get', '-o', 'json']);
    expect(
      await room.run(['-o', 'json', '--home', room.home, 'get'], { env: { STATEWARD_HOME: '/nope' } }),
    ).toEqual(plain);
    const forced = { env: { FORCE_COLOR: '1' } };
    expect((await room.run(['get'], forced)).stdout).toContain('\u001b[');
    expect((await room.run(['--no-color', 'get'], forced)).stdout).not.toContain('\u001b[');
    expect((await room.run(['--home', '/nope', '-v'])).stdout).toBe('stateward 1.2.3\n');
    expect((await room.run(['-h', 'get'])).stdout).toBe((await room.run(['get', '--help'])).stdout);
  });
});

describe('a folder that was removed', () => {
  it('does not matter to what needs none, and is named to what does', async () => {
    await using room = await createRoom(cli);
    await room.serve({ apps: [app('api')] });
    const there = (words: string): Promise<Ran> =>
      room.run([], { shell: `mkdir gone && cd gone && rmdir ../gone && ${words}` });
    expect((await there('stateward get api')).code).toBe(0);
    expect((await there('stateward describe api')).code).toBe(0);
    const file = join(room.cwd, 'ecosystem.yaml');
    await writeFile(file, 'project: shop\napps: [{ name: api, script: "sleep 1000" }]\n');
    expect(await there(`stateward validate -f ${file}`)).toMatchObject({
      code: 0,
      stdout: 'shop: 1 app, valid\n',
    });
    expect(await there('stateward plan')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'error[FOLDER_GONE]: the folder that this command runs in is gone\n' +
        '  help: cd to a folder that exists, and repeat the command\n',
    });
  });
});

describe('get -w', () => {
  it('steers no terminal that is dumb', async () => {
    await using room = await createRoom(cli);
    await room.serve({ apps: [app('api')] });
    for (const [term, steers] of [
      ['dumb', false],
      ['xterm', true],
    ] as const) {
      const child = room.spawn(['get', '-w'], { terminal: true, env: { TERM: term } });
      let seen = '';
      for await (const chunk of child.stdout) {
        seen += String(chunk);
        if (seen.includes('api')) break;
      }
      // script(1) waits for its reader when it is asked to end, and nobody reads any more.
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect([term, seen.includes('\u001b[?2026h')]).toEqual([term, steers]);
    }
  });
});

describe('logs', () => {
  it('gives with --raw what was written and nothing else', async () => {
    await using room = await createRoom(cli);
    const line = { app: 'shop/api', slot: null, stream: 'out', line: 'hello' } as const;
    await room.serve({ apps: [app('api')], logs: [line] });
    expect((await room.run(['logs', '--raw', '--nostream'])).stdout).toBe('hello\n');
  });
});
