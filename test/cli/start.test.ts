import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApplyRequest } from '../../src/api/contract/wire/apply.ts';
import { appFlags } from '../../src/cli/declare/app-flags.ts';
import { takePm2Flags } from '../../src/cli/commands/base/pm2-flags.ts';
import type { AppSpec } from '../../src/spec/types.ts';
import { buildCli } from './support/build.ts';
import type { BuiltCli } from './support/build.ts';
import { app } from './support/fixtures.ts';
import { createRoom } from './support/run.ts';
import type { Ran } from './support/run.ts';

let cli: BuiltCli;
beforeAll(async () => {
  cli = await buildCli();
});
afterAll(() => cli[Symbol.asyncDispose]());

interface Started extends Ran {
  readonly requests: readonly unknown[];
  readonly apps: readonly AppSpec[];
}

/** Runs a command where app.js, b.js and an ecosystem file are, and gives what it asked the daemon for. */
async function run(args: readonly string[], env: Record<string, string> = {}): Promise<Started> {
  await using room = await createRoom(cli);
  for (const file of ['app.js', 'b.js']) await writeFile(join(room.cwd, file), '');
  await writeFile(join(room.cwd, 'my.env'), 'FROM_FILE=1\n');
  await writeFile(join(room.cwd, 'Procfile'), 'web: node app.js\n');
  await writeFile(join(room.cwd, 'web.service'), '[Service]\nExecStart=/usr/bin/node app.js\n');
  await writeFile(join(room.cwd, 'all.conf'), '[program:web]\ncommand=node app.js\n');
  await writeFile(
    join(room.cwd, 'ecosystem.yaml'),
    'project: shop\napps:\n  - { name: api, script: ./app.js }\n  - { name: web, script: ./b.js }\n',
  );
  await mkdir(join(room.cwd, 'src'));
  const requests: unknown[] = [];
  await room.serve({ apps: [app('api')], onRequest: (request) => requests.push(request) });
  const ran = await room.run(args, { env });
  const projects = requests.flatMap((request) => (request as Partial<ApplyRequest>).projects ?? []);
  return { ...ran, requests, apps: projects.flatMap(({ apps }) => apps) };
}

describe('start SCRIPT', () => {
  it.each<[string[], Partial<AppSpec>]>([
    [['--name', '455'], { name: '455' }],
    [['--namespace', '12'], { namespace: '12' }],
    [['-e', 'A=1', '-e', 'B=x=y', '-e', 'C='], { env: { A: '1', B: 'x=y', C: '' } }],
    [['--env-file', 'my.env', '-e', 'A=1'], { env: { FROM_FILE: '1', A: '1' } }],
    [['--inherit-env', 'GIVEN,ABSENT'], { env: { GIVEN: 'here' } }],
    [['-i', '2', '-x'], { instances: 2, exec_mode: 'fork' }],
    [['--watch=src,lib', '--ignore-watch', 'tmp *.log'], { watch: ['src', 'lib'] }],
    [['--watch', '--watch-delay', '3'], { watch: true, watch_delay: 3000 }],
    [['--wait-ready', '--listen-timeout', '400'], { wait_ready: true, listen_timeout: 400 }],
    [['--stop-exit-codes', '0,78'], { stop_exit_codes: [0, 78] }],
    [['--exp-backoff-restart-delay', '100'], { exp_backoff_restart_delay: 100 }],
    [['--no-autorestart', '--no-autostart'], { autorestart: false, autostart: false }],
    [['--node-args', '--max-old-space-size=100'], { interpreter_args: ['--max-old-space-size=100'] }],
    [['--merge-logs', '--log-type', 'json'], { merge_logs: true, log_type: 'json' }],
    [['--shutdown-with-message', '-k', '900'], { shutdown_with_message: true, kill_timeout: 900 }],
    [['-c', '0 2 * * *'], { cron_restart: '0 2 * * *' }],
  ])('with %j declares it as a file would', async (flags, spec) => {
    const ran = await run(['start', 'app.js', ...flags], { GIVEN: 'here' });
    expect(ran.stderr).not.toContain('error');
    expect(ran.apps).toHaveLength(1);
    expect(ran.apps[0]).toMatchObject(spec);
  });

  it('takes -o and -e for log files where they name files, as PM2 does', async () => {
    const ran = await run(['start', 'app.js', '-o', './out.log', '-e', 'logs/err.log']);
    const [{ out_file, error_file, env } = {} as AppSpec] = ran.apps;
    expect([out_file, error_file]).toEqual([
      expect.stringMatching(/\/out\.log$/),
      expect.stringMatching(/\/logs\/err\.log$/),
    ]);
    expect(env).toEqual({});
  });

  it('starts with an --env that nothing follows from, and says so', async () => {
    const ran = await run(['start', 'app.js', '--env', 'production']);
    expect(ran.code).toBe(0);
    expect(ran.apps[0]?.env).toEqual({});
    expect(ran.stderr).toContain('-e NODE_ENV=production sets a variable');
  });

  it('starts several scripts, and a line for the shell', async () => {
    const several = await run(['start', 'app.js', 'b.js']);
    expect(several.apps.map(({ name }) => name)).toEqual(['app', 'b']);
    const line = await run(['start', 'node app.js --port 1']);
    expect(line.apps[0]).toMatchObject({ script: 'node app.js --port 1' });
  });

  it.each([
    [['app.js', '-e', 'FOO'], 64, '-e FOO=VALUE sets it'],
    [['app.js', '--env', 'A=1'], 64, 'a variable is set by -e A=1'],
    [['app.js', '--no-daemon'], 64, 'stateward run FILE'],
    [['app.js', '--ext', 'js'], 64, 'watch: ["**/*.ts"]'],
    [['app.js', '--only', 'api'], 64, '--only is about an ecosystem file'],
    [['ecosystem.yaml', '--name', 'x'], 64, '--name does not go with an ecosystem file'],
    [['app.js', 'serve'], 64, 'go after --: stateward start app.js -- serve'],
    [['api', '--env', 'production'], 64, 'stateward start FILE --env production'],
    [['api', '--watch'], 64, 'set watch in its ecosystem file'],
    [['api', '--', '-x'], 64, 'set args in its ecosystem file'],
    [['app.jss'], 1, 'did you mean app.js?'],
    [['app'], 1, 'did you mean app.js?'],
    [['Procfile'], 65, 'Procfile is a Procfile, not an ecosystem file'],
    [['web.service', '--name', 'web'], 65, 'web.service is a unit of systemd, not an ecosystem file'],
    [['all.conf'], 65, 'all.conf is a file of supervisord, not an ecosystem file'],
    [['app.js', 'Procfile'], 65, 'Procfile is a Procfile, not an ecosystem file'],
    [['ecosystem.yml'], 65, 'did you mean ecosystem.yaml?'],
    [['/^nope$/'], 1, 'cannot find'],
    [['/^api$/', '--name', 'x'], 64, '--name goes with a script'],
  ])('%j exits %i and says %j', async (args, code, text) => {
    const ran = await run(['start', ...args]);
    expect([ran.code, ran.requests.filter((one) => JSON.stringify(one).includes('projects'))]).toEqual([
      code,
      [],
    ]);
    expect(ran.stderr).toContain(text.replace('cannot find', 'no app matches'));
  });

  it('takes a pattern for a selector', async () => {
    const ran = await run(['start', '/^nope$/']);
    expect(ran.stderr).not.toContain('script');
  });

  it('prints nothing with --silent but what is wrong', async () => {
    expect(await run(['start', 'app.js', '--silent', '-f'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });
});

describe('start FILE', () => {
  it.each([[['ecosystem.yaml']], [['-f', 'ecosystem.yaml']], [[]]])(
    'with %j starts its apps, or some of them',
    async (args) => {
      const ran = await run(['start', ...args, '--only', 'web']);
      expect(ran.code).toBe(0);
      expect(ran.requests).toMatchObject([{ prune: false, only: ['web'] }]);
    },
  );
});

describe('a flag of PM2', () => {
  it.each([
    [['restart', 'api', '--update-env'], 'stateward reload FILE'],
    [['reload', 'api', '-a', '--parallel', '4'], 'rollout: { parallel: N }'],
    [['stop', 'api', '-f'], 'not needed'],
    [['get', '-m'], 'stateward get -o name'],
  ])('%j is taken with one line on what it comes to', async (args, text) => {
    const ran = await run(args);
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain(text);
  });

  it.each([
    [['restart', 'api', '--max-memory-restart', '300M'], 'set max_memory_restart in the ecosystem file'],
    [['reload', 'api', '--name', 'x'], 'set name in the ecosystem file'],
    [['stop', 'api', '--watch'], 'set watch in the ecosystem file'],
    [['reload', 'api', '--env', 'production'], '--env is about an ecosystem file'],
    [['reload', 'api', '--no-prune'], '--no-prune is about an ecosystem file'],
  ])('%j is refused where its wish would be lost', async (args, text) => {
    const ran = await run(args);
    expect([ran.code, ran.requests]).toEqual([64, []]);
    expect(ran.stderr).toContain(text);
  });

  it('is told from a value that is written as one', () => {
    const own = (typed: string) => (typed === '--grep' ? 'value' : undefined);
    expect(takePm2Flags(['--grep', '-m', '-m', 'x'], 'get', own)).toEqual({
      argv: ['--grep', '-m', 'x'],
      notes: ['-m: names alone are printed by: stateward get -o name'],
      silent: false,
    });
  });

  it.each(['--user', '-u', '--hp', '--service-name', '--image-name'])(
    '%s, which is about a unit or an image, is answered with what leads on',
    (flag) => {
      expect(() => takePm2Flags(['app.js', flag, 'x'], 'start', () => undefined)).toThrow(
        `${flag} is a flag of PM2`,
      );
    },
  );

  it('that changes what is declared is a flag of start', () => {
    const own = () => undefined;
    for (const name of Object.keys(appFlags)) {
      expect(() => takePm2Flags([`--${name}`], 'start', own), name).not.toThrow();
    }
  });
});
