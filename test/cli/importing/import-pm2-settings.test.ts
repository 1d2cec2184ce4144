import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createRoom, type Room } from '../support/run.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const BUILT = { bin: join(ROOT, 'dist/bin.cjs'), [Symbol.asyncDispose]: () => Promise.resolve() };

type Settings = Readonly<Record<string, unknown>>;

interface Case {
  readonly given: Settings;
  /** What is taken over beside name and script. */
  readonly taken: Settings;
  /** The comments of what is not. */
  readonly notTaken: readonly string[];
}

/** What people have in a file that PM2 starts without a word. */
const CASES: Readonly<Record<string, Case>> = {
  'a key that is not there': { given: { foo: 1 }, taken: {}, notTaken: ['foo: 1 (PM2 ignored it)'] },
  'a slip of the finger': {
    given: { wait_redy: true, instnaces: 2 },
    taken: {},
    notTaken: [
      'wait_redy: true (PM2 ignored it; probably meant wait_ready)',
      'instnaces: 2 (PM2 ignored it; probably meant instances)',
    ],
  },
  'a key of another tool': {
    given: { restarts: 5 },
    taken: {},
    notTaken: ['restarts: 5 (PM2 ignored it; probably meant max_restarts)'],
  },
  'another case': {
    given: { Instances: 2 },
    taken: {},
    notTaken: ['Instances: 2 (PM2 ignored it; probably meant instances)'],
  },
  'a secret that is no setting': {
    given: { apiToken: 'hunter2hunter2' },
    taken: {},
    notTaken: ['apiToken: <redacted> (PM2 ignored it)'],
  },
  'numbers in quotes': {
    given: { instances: '2', max_restarts: '5', kill_timeout: '3000', stop_exit_codes: '0', port: '3000' },
    taken: { instances: 2, max_restarts: 5, kill_timeout: 3000, stop_exit_codes: 0, port: 3000 },
    notTaken: [],
  },
  'true and false in quotes': {
    given: { watch: 'false', autorestart: 'true', time: 'true' },
    taken: { watch: false, autorestart: true, time: true },
    notTaken: [],
  },
  'what is neither': {
    given: { autostart: 0, merge_logs: 'yes', wait_ready: 'maybe' },
    taken: {},
    notTaken: [
      'autostart: 0 (not a boolean)',
      'merge_logs: "yes" (not a boolean)',
      'wait_ready: "maybe" (not a boolean)',
    ],
  },
  'the words for modes': {
    given: { exec_mode: 'cluster_mode', instances: 'max' },
    taken: { exec_mode: 'cluster', instances: 'max' },
    notTaken: [],
  },
  'a mode that is none': {
    given: { exec_mode: 'clustr' },
    taken: {},
    notTaken: [
      'exec_mode: "clustr" (not one of fork, cluster, fork_mode, cluster_mode; probably meant cluster)',
    ],
  },
  'all processors': { given: { instances: 0 }, taken: { instances: 0 }, notTaken: [] },
  'all processors but one': { given: { instances: '-1' }, taken: { instances: -1 }, notTaken: [] },
  'part of an instance': {
    given: { instances: 2.5 },
    taken: {},
    notTaken: ['instances: 2.5 (not an integer or text)'],
  },
  'values with another unit': {
    given: { min_uptime: '5x', max_memory_restart: 'lots' },
    taken: {},
    notTaken: ['min_uptime: "5x" (not a duration)', 'max_memory_restart: "lots" (not a size)'],
  },
  'two names for one setting': {
    given: { node_args: '--enable-source-maps', interpreter_args: '--no-warnings' },
    taken: { interpreter_args: '--enable-source-maps' },
    notTaken: ['interpreter_args: "--no-warnings" (node_args is the same setting, and wins, as in PM2)'],
  },
  'a folder that is not here': {
    given: { cwd: '/does/not/exist' },
    taken: { cwd: '/does/not/exist' },
    notTaken: [],
  },
  'variables with names that none can have': {
    given: { env: { 'A=B': 1, GOOD: 1, MAP: { a: 1 } } },
    taken: { env: { GOOD: '1', MAP: '{"a":1}' } },
    notTaken: ['env.A=B: "1" (the name of a variable must not be empty or hold "=")'],
  },
  'variables that are a text': {
    given: { env: 'production' },
    taken: {},
    notTaken: ['env: "production" (not a map of variables)'],
  },
  'a part of a setting': {
    given: { readiness: { http: { port: 80, paht: '/' } } },
    taken: { readiness: { http: { port: 80 } } },
    notTaken: ['readiness.http.paht: "/" (PM2 ignored it; probably meant path)'],
  },
  'a setting that is not complete': {
    given: { readiness: { http: { prt: 80 } } },
    taken: {},
    notTaken: [
      'readiness.http.prt: 80 (PM2 ignored it; probably meant port)',
      'readiness: {"http":{}} (port is missing)',
    ],
  },
  'a probe of a port by its name': {
    given: {
      ...{ port: 3000, readiness: { tcp: { port: 'main' } }, liveness: { tcp: { port: 'admin' } } },
      startup: { http: { path: '/' } },
    },
    taken: { port: 3000, readiness: { tcp: { port: 'main' } }, startup: { http: { path: '/' } } },
    notTaken: ['liveness: {"tcp":{"port":"admin"}} (the app has no port admin)'],
  },
  'what could not be applied': {
    given: { cron_restart: 'every day', interpreter: 'node@18', env_file: '.env', depends_on: ['nope'] },
    taken: {},
    notTaken: [
      'cron_restart: "every day" (a schedule has 5 or 6 fields, not 2)',
      'interpreter: "node@18" (no version of Node is installed: name the path of its binary)',
      'env_file: ".env" (PM2 ignored it, and .env is not there)',
      'depends_on: ["nope"] (PM2 ignored it, and the file has no app nope)',
    ],
  },
  'arguments that are none': {
    given: { args: { a: 1 } },
    taken: {},
    notTaken: ['args: {"a":1} (not text or list of text or number or boolean)'],
  },
};

/** The file that was written: its apps, and the comments above each. */
function written(room: Room): {
  readonly text: string;
  readonly apps: readonly Settings[];
  readonly notTaken: readonly string[];
} {
  const text = readFileSync(join(room.cwd, 'ecosystem.yaml'), 'utf8');
  const { apps } = parse(text) as { readonly apps: readonly Settings[] };
  const unwrapped = text.replace(/\n {2}# {3}/g, ' ');
  return {
    text,
    apps,
    notTaken: [...unwrapped.matchAll(/^ {2}# not imported: (.*)$/gm)].map(([, note = '']) => note),
  };
}

describe('import pm2 of what PM2 starts without a word', () => {
  it.each(Object.entries(CASES))('takes over what it can: %s', async (_name, { given, taken, notTaken }) => {
    await using room = await createRoom(BUILT);
    writeFileSync(join(room.cwd, 'a.js'), '\n');
    writeFileSync(
      join(room.cwd, 'ecosystem.json'),
      JSON.stringify({ apps: [{ name: 'a', script: 'a.js', ...given }] }),
    );
    const ran = await room.run(['import', 'pm2', 'ecosystem.json']);
    expect(ran).toMatchObject({ code: 0 });
    const file = written(room);
    expect(file.apps).toEqual([{ name: 'a', script: 'a.js', ...taken }]);
    expect(file.notTaken.toSorted()).toEqual(notTaken.toSorted());
    const counted = `not imported: ${notTaken.length} setting`;
    if (notTaken.length > 0) expect(ran.stdout).toContain(counted);
    else expect(ran.stdout).not.toContain('not imported');
    expect(ran.stdout + ran.stderr + file.text).not.toContain('hunter2');
  });

  it('keeps what the root says beside the apps as comments, but for deploy', async () => {
    await using room = await createRoom(BUILT);
    writeFileSync(join(room.cwd, 'a.js'), '\n');
    const deploy = { production: { user: 'u', host: 'h', ref: 'r', repo: 'g', path: '/srv' } };
    const root = { apps: { script: 'a.js' }, deploy, whatever: { a: 1 }, name: 'shop', pm2: [] };
    writeFileSync(join(room.cwd, 'ecosystem.config.js'), `module.exports = ${JSON.stringify(root)};`);
    const ran = await room.run(['import', 'pm2', 'ecosystem.config.js']);
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.stdout).toContain('not imported: 2 settings');
    const { text } = written(room);
    expect(parse(text)).toMatchObject({ deploy, apps: [{ name: 'a', script: 'a.js' }] });
    expect(text).toContain('# Not imported: whatever: {"a":1} (PM2 ignored it)');
    expect(text).toContain(
      '# Not imported: name: "shop" (it belongs into each app, and PM2 ignored it here)',
    );
  });

  it('makes each server of static one app', async () => {
    await using room = await createRoom(BUILT);
    const root = { apps: [], static: [{ path: '.', port: 8080 }] };
    writeFileSync(join(room.cwd, 'ecosystem.json'), JSON.stringify(root));
    expect(await room.run(['import', 'pm2', 'ecosystem.json'])).toMatchObject({ code: 0 });
    const { text, apps } = written(room);
    expect(apps.map(({ name }) => name)).toEqual(['static-page-server-8080']);
    expect(parse(text)).not.toHaveProperty('static');
  });

  it('gives apps the names that they can have, and says what they were called', async () => {
    await using room = await createRoom(BUILT);
    writeFileSync(join(room.cwd, 'a.js'), '\n');
    const apps = ['@shop/api', '', 7, 'web', 'web'].map((name) => ({ name, script: 'a.js' }));
    writeFileSync(join(room.cwd, 'ecosystem.json'), JSON.stringify({ apps }));
    const ran = await room.run(['import', 'pm2', 'ecosystem.json']);
    expect(ran).toMatchObject({ code: 0 });
    expect(written(room).apps.map(({ name }) => name)).toEqual(['@shop-api', 'a', '7', 'web', 'web-2']);
    expect(ran.stdout).toContain('pm2 stop @shop/api && stateward apply -f ecosystem.yaml --only @shop-api');
  });

  it('refuses what PM2 cannot start either, with all that is wrong with that app and nothing else', async () => {
    await using room = await createRoom(BUILT);
    const apps = [{ script: 'a.js', foo: 1 }, { name: 'b', scirpt: 'b.js' }, 'c.js'];
    writeFileSync(join(room.cwd, 'ecosystem.json'), JSON.stringify({ apps }));
    const ran = await room.run(['import', 'pm2', 'ecosystem.json']);
    expect(ran.code).toBe(65);
    expect(ran.stderr).toContain('script is missing');
    expect(ran.stderr).toContain('did you mean script?');
    expect(ran.stderr).toContain('apps[2]');
    expect(ran.stderr).not.toContain('apps[0]');
  });

  it('takes a list of processes with odd settings, other entries and other lines', async () => {
    await using room = await createRoom(BUILT);
    writeFileSync(join(room.cwd, 'a.js'), '\n');
    const run = { pm_exec_path: join(room.cwd, 'a.js'), pm_cwd: room.cwd, exec_interpreter: 'node' };
    const odd = {
      name: 'a',
      watch: 'false',
      max_restarts: '5',
      treekill: 'false',
      kill_timeout: 'soon',
      uid: { a: 1 },
    };
    const list = JSON.stringify([{ ...run, ...odd }, { name: 'nothing' }, 5]);
    writeFileSync(join(room.cwd, 'list.json'), `[PM2] Spawning\n${list}\n[PM2][WARN] a newer PM2 is there\n`);
    const ran = await room.run(['import', 'pm2', 'list.json']);
    expect(ran).toMatchObject({ code: 0 });
    const file = written(room);
    expect(file.apps).toEqual([{ name: 'a', script: './a.js', max_restarts: 5, treekill: false }]);
    expect(file.notTaken.toSorted()).toEqual([
      'kill_timeout: "soon" (not a duration)',
      'uid: {"a":1} (not text or integer)',
    ]);
    expect(file.text).toContain('# Not imported: entry 2 of the list, which is not a process of PM2');
    expect(ran.stdout).toContain('not imported: 4 settings');
  });
});
