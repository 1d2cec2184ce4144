import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Host, isAlive } from '../support/host.ts';

/** One value for each place, so that a leak says from where. */
const canaries = new Map<string, string>();
function canary(place: string): string {
  const value = canaries.get(place) ?? `Cnry${randomBytes(9).toString('hex')}`;
  canaries.set(place, value);
  return value;
}

/** Places of those that stand in a text. */
function leaks(text: string): readonly string[] {
  return [...canaries].filter(([, value]) => text.includes(value)).map(([place]) => place);
}

const SERVER = `
  const { createServer } = require('node:http');
  createServer((request, response) => response.end('ok')).listen(process.env.PORT_FILE);
  setInterval(() => undefined, 1e6);`;

const apps = (): Record<string, unknown>[] => [
  {
    name: 'web',
    script: './web.js',
    args: ['--password', canary('args: flag and value'), `--api-token=${canary('args: flag=value')}`],
    interpreter_args: [`--title=token=${canary('interpreter_args')}`],
    env: {
      DB_PASSWORD: canary('env by name'),
      LICENSE: canary('env by secrets key'),
      DATABASE_URL: `postgres://app:${canary('password of a URL')}@db/shop`,
      STRIPE: `sk_live_${canary('env by form')}`,
      DEFAULT_TOKEN: `\${NOT_SET_ANYWHERE:-${canary('default of an interpolation')}}`,
      GIVEN_TOKEN: '${CANARY_GIVEN}',
    },
    env_production: { PROD_SECRET: canary('env_production') },
    env_file: './web.env',
    secrets: ['LICENSE'],
    labels: { 'api-key': canary('label') },
    readiness: {
      http: { port: 1, path: `/healthz?token=${canary('probe path')}` },
      period: '200ms',
      failure_threshold: 1,
    },
    min_uptime: 0,
  },
  {
    name: 'probed',
    script: './idle.js',
    liveness: {
      exec: {
        command: ['sh', '-c', `echo "wrong: $DB_PASSWORD" >&2; exit 1 # --token ${canary('probe command')}`],
      },
      period: '100ms',
      failure_threshold: 1_000,
    },
    env: { DB_PASSWORD: canary('env that a probe prints') },
    min_uptime: 0,
  },
  {
    name: 'job',
    script: './job.js',
    schedule: '0 3 * * *',
    env: { JOB_SECRET: canary('env of a job') },
  },
  {
    name: 'shell',
    script: `SHELL_TOKEN=${canary('shell line')} sleep 1000`,
    shell: true,
    min_uptime: 0,
  },
  {
    name: 'unspawnable',
    script: './idle.js',
    interpreter: './no-program',
    env: { UNSPAWNED_TOKEN: canary('env of what cannot be started') },
  },
  {
    name: 'crashing',
    script: './crash.js',
    env: { CRASH_PASSWORD: canary('env that a crash prints') },
    max_restarts: 1,
  },
];

let host: Host;
/** All that stateward has said, by command. */
const said: { readonly command: string; readonly text: string }[] = [];

async function run(args: readonly string[], options: { readonly input?: string } = {}): Promise<string> {
  const env = { CANARY_GIVEN: canary('environment of the command') };
  const { text } = await host.run(args, { ...options, env });
  said.push({ command: args.join(' '), text });
  return text;
}

beforeAll(async () => {
  host = new Host();
  host.write('web.js', SERVER);
  host.write('idle.js', 'setInterval(() => undefined, 1e6);');
  host.write('job.js', '');
  chmodSync(host.write('no-program', '\0\0'), 0o755);
  host.write(
    'crash.js',
    `console.error('cannot log in with ' + process.env.CRASH_PASSWORD); process.exit(1);`,
  );
  host.write('web.env', `FILE_TOKEN=${canary('env_file')}\n`);
  host.declare(...apps());
  for (const args of [
    ['validate'],
    ['plan'],
    ['plan', '-o', 'json'],
    ['diff'],
    ['apply', '--env', 'production', '--timeout', '4s'],
  ]) {
    await run(args);
  }
  // What failed is in the events.
  await eventually(async () => {
    const text = await run(['events']);
    return /probed/.test(text) && /crashing/.test(text) && /unspawnable/.test(text);
  });
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
});

describe('a secret of an ecosystem file', () => {
  it('is in no output of a command that reads', async () => {
    for (const args of [
      ['get', '-o', 'wide'],
      ['get', '-o', 'json'],
      ['get', '-o', 'yaml'],
      ...['web', 'probed', 'job', 'shell', 'unspawnable', 'crashing'].flatMap((name) => [
        ['describe', name],
        ['why', name],
      ]),
      ['describe', 'web', '-o', 'json'],
      ['describe', 'crashing', '-o', 'json'],
      ['why', 'crashing', '-o', 'json'],
      ['history', 'shop/web'],
      ['events', '-o', 'json'],
      ['history', 'shop'],
      ['history', 'shop', '-o', 'json'],
      ['diff'],
      ['plan', '-o', 'json'],
      ['doctor'],
      ['doctor', '-o', 'json'],
      ['daemon', 'status', '-o', 'json'],
    ]) {
      await run(args);
    }
    expect(
      said.filter(({ text }) => leaks(text).length > 0).map(({ command, text }) => [command, leaks(text)]),
    ).toEqual([]);
  });

  it('is in no output of a change, of a change of itself, or of one that is refused', async () => {
    const before = said.length;
    const first = apps();
    for (const [place, value] of [...canaries]) canaries.set(`old ${place}`, value);
    for (const place of ['env by name', 'args: flag=value', 'label', 'shell line', 'probe path'])
      canaries.delete(place);
    host.declare(...apps());
    for (const args of [
      ['plan'],
      ['plan', '-o', 'json'],
      ['diff'],
      ['diff', '-o', 'json'],
      ['apply', '--no-wait'],
      ['history', 'shop'],
      ['rollback', 'shop', '--dry-run'],
    ]) {
      await run(args);
    }
    writeFileSync(join(host.folder, 'other.yaml'), stringify({ project: 'shop', apps: first.slice(0, 2) }));
    await run(['apply', '-f', 'other.yaml', '--dry-run']);
    await run(['restart', 'web', '--no-wait']);
    await run(['scale', 'web', '2', '--no-wait']);
    await run([
      'start',
      'idle.js',
      '--name',
      'verb',
      '--no-wait',
      '--',
      '--password',
      canary('args of start'),
    ]);
    await run(['get', 'verb', '-o', 'json']);
    await run(['describe', 'verb']);
    const found = said.slice(before).filter(({ text }) => leaks(text).length > 0);
    expect(found.map(({ command, text }) => [command, leaks(text)])).toEqual([]);
  });

  it.each([
    [
      'an unknown key',
      (value: string) =>
        `apps:\n  - name: a\n    script: ./idle.js\n    env: { DB_PASSWORD: ${value} }\n    scirpt: x\n`,
    ],
    [
      'an unknown key on its own line',
      (value: string) => `apps:\n  - { name: a, script: ./idle.js, pasword: x, env: { TOKEN: ${value} } }\n`,
    ],
    [
      'a wrong type',
      (value: string) =>
        `apps:\n  - name: a\n    script: ./idle.js\n    env_production: [API_TOKEN=${value}]\n`,
    ],
    [
      'a list as args',
      (value: string) => `apps:\n  - name: a\n    script: ./idle.js\n    args: { token: ${value} }\n`,
    ],
    [
      'a duplicate key',
      (value: string) =>
        `apps:\n  - name: a\n    script: ./idle.js\n    env:\n      A_SECRET: ${value}\n      A_SECRET: ${value}\n`,
    ],
    ['no YAML', (value: string) => `apps:\n  - name: a\n    env: { SECRET: "${value}\n`],
    [
      'a bad reference',
      (value: string) => `apps:\n  - name: a\n    script: ./idle.js\n    env: { TOKEN: "\${${value}" }\n`,
    ],
    [
      'a message of its own',
      (value: string) =>
        `apps:\n  - name: a\n    script: ./idle.js\n    env: { TOKEN: "\${UNSET:?password=${value}}" }\n`,
    ],
    ['an unknown form', (value: string) => `aps:\n  - name: a\n    env: { DB_PASSWORD: ${value} }\n`],
  ])('is in no frame of an invalid file: %s', async (kind, file) => {
    writeFileSync(join(host.folder, 'wrong.yaml'), file(canary(kind)));
    for (const args of [['validate'], ['plan'], ['apply'], ['validate', '-o', 'json']]) {
      const text = await run([...args, '-f', 'wrong.yaml']);
      expect(text).toMatch(/error/);
      expect(leaks(text)).toEqual([]);
    }
  });

  it('is in no message about an env file that is wrong or cannot be read', async () => {
    const declare = (file: string): void => host.declare({ name: 'a', script: './idle.js', env_file: file });
    host.write(
      'wrong.env',
      `export ={"${canary('wrong env file')}"\nTOKEN ${canary('line of an env file')}\n`,
    );
    declare('./wrong.env');
    expect(leaks(await run(['validate']))).toEqual([]);
    host.write('closed.env', `TOKEN=${canary('closed env file')}\n`);
    chmodSync(join(host.folder, 'closed.env'), 0o000);
    declare('./closed.env');
    expect(leaks(await run(['validate']))).toEqual([]);
    host.write('config.js', `throw new Error('cannot use TOKEN=${canary('error of a JavaScript file')}')`);
    expect(leaks(await run(['validate', '-f', 'config.js']))).toEqual([]);
  });

  it('is in no argument of a process of ours', async () => {
    const status = await host.daemon();
    const pids = [status.controller?.pid, status.runner?.pid].flatMap((pid) => pid ?? []);
    expect(pids).toHaveLength(2);
    for (const pid of pids) expect(leaks(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))).toEqual([]);
    // Of the apps there is what their files say: arguments, and no environment.
    const lines = spawnSync('ps', ['-eww', '-o', 'args='], { encoding: 'utf8' }).stdout;
    const visible = leaks(lines).map((place) => place.replace(/^old /, ''));
    const declared = [
      'args: flag and value',
      'args: flag=value',
      'interpreter_args',
      'shell line',
      'probe command',
      'args of start',
    ];
    expect(visible.filter((place) => !declared.includes(place))).toEqual([]);
    expect(visible.length).toBeGreaterThan(0);
    // Which is said of each.
    const validated = said.find(({ command }) => command === 'validate')?.text ?? '';
    for (const field of ['args', 'interpreter_args', 'script']) {
      expect(validated).toContain(`${field}: one of the arguments looks like a secret`);
    }
  });

  it('is in no file of the home but the state, which is for its owner alone', () => {
    const found = readdirSync(host.home, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => leaks(readFileSync(path, 'utf8')).length > 0)
      .map((path) => path.slice(host.home.length + 1));
    const allowed = [/^state\/(?:projects|revisions)\//, /^logs\/shop\/crashing-error\.log$/];
    expect(found.filter((path) => !allowed.some((pattern) => pattern.test(path)))).toEqual([]);
    expect(found.length).toBeGreaterThan(0);
  });

  it('is in no answer of the API but those that are asked for whole specs', async () => {
    const ask = (path: string): string => {
      const socket = join(host.home, 'run/api.sock');
      return spawnSync('curl', ['-s', '--unix-socket', socket, `http://x${path}`], { encoding: 'utf8' })
        .stdout;
    };
    for (const path of [
      '/v1/apps',
      '/v1/apps?selector=all',
      '/v1/status',
      '/v1/events',
      '/v1/projects',
      '/v1/projects/shop/revisions',
    ]) {
      const answer = ask(path);
      expect([path, leaks(answer)]).toEqual([path, []]);
    }
    expect(isAlive((await host.daemon()).controller?.pid ?? 0)).toBe(true);
  });

  it('is printed when it is asked for', async () => {
    const { text } = await host.run(['get', 'web', '-o', 'yaml', '--show-secrets']);
    expect(leaks(text)).toContain('env by name');
  });
});
