import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moveText } from '../../src/import/pm2/move.ts';
import { processApps } from '../../src/import/pm2/process-apps.ts';
import { isProcessList, readProcessList } from '../../src/import/pm2/process-list.ts';
import { renderEnvFile } from '../../src/import/render/env-file.ts';
import { rendered } from './support/render.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures/pm2');

function processesOf(name: string) {
  const read = readProcessList(name, readFileSync(join(FIXTURES, name), 'utf8'));
  if (!read.ok) throw new Error(read.error[0]?.message);
  return read.value;
}

function imported(name: string, environment: Readonly<Record<string, string>> = {}) {
  return processApps(processesOf(name), { folder: '/srv/shop', home: '/home/deploy', environment });
}

describe('the list of processes of PM2', () => {
  it('becomes an ecosystem file with comments where the meaning changes', async () => {
    const list = imported('jlist.json');
    const secrets = list.apps.map(({ name, secrets }) => renderEnvFile(name, secrets)).join('');
    await expect(`${rendered(list)}\n${secrets}`).toMatchFileSnapshot('golden/pm2-jlist.yaml');
  });

  it('is read from a dump as from jlist', () => {
    const [api, worker] = imported('dump.pm2').apps;
    expect(api?.fields).toEqual(imported('jlist.json').apps[0]?.fields);
    expect(worker?.name).toBe('worker');
  });

  it('folds the processes of an app into instances, and tells apps of one name apart', () => {
    const { apps } = imported('jlist.json');
    expect(apps.map(({ name, pm2Name, fields }) => [name, pm2Name, fields['instances']])).toEqual([
      ['api', 'api', 2],
      ['worker', 'worker', undefined],
      ['line', 'line', undefined],
      ['npm', 'npm', undefined],
      ['mail', 'mail', undefined],
      ['mail-2', 'mail', undefined],
      ['old', 'old', undefined],
      ['broken', 'broken', undefined],
    ]);
  });

  it('leaves out and lists what came from the shell, and modules', () => {
    const { apps, leftOut, modules } = imported('jlist.json');
    expect(leftOut.known).toEqual(
      expect.arrayContaining([
        'PATH',
        'HOME',
        'SSH_CONNECTION',
        'XDG_SESSION_ID',
        'LS_COLORS',
        'PM2_USAGE',
        'unique_id',
      ]),
    );
    expect(leftOut.shell).toEqual(['GIT_SSL_CAINFO', 'REDIS_URL']);
    expect(modules).toEqual(['pm2-logrotate']);
    const names = apps.flatMap(({ fields, secrets }) => [
      ...Object.keys(fields['env'] ?? {}),
      ...Object.keys(secrets),
    ]);
    expect(new Set(names)).toEqual(
      new Set(['PORT', 'NODE_ENV', 'RATE', 'FLAG', 'ZIP', 'GREETING', 'DATABASE_URL', 'API_TOKEN']),
    );
  });

  it('keeps what somebody put before `pm2 start`, which no other app and no shell has', () => {
    const [first] = processesOf('dump.pm2').processes;
    const process = {
      ...first,
      env: { MODE: 'a', PORT: '80', PATH: '/bin', PM2_USAGE: 'CLI', unique_id: 'x' },
    };
    const context = { folder: '/srv/shop', home: null };
    const alone = processApps({ processes: [process], others: [] }, { ...context, environment: {} });
    expect(alone.apps[0]?.fields['env']).toEqual({ MODE: 'a', PORT: '80' });
    const same = processApps(
      { processes: [process], others: [] },
      { ...context, environment: { MODE: 'a', PORT: '80' } },
    );
    expect(same.apps[0]?.fields['env']).toEqual({ PORT: '80' });
    expect(same.leftOut.shell).toEqual(['MODE']);
  });

  it('is found behind what PM2 prints before it', () => {
    const text = `[PM2] Spawning PM2 daemon with pm2_home=/root/.pm2\n>>>> In-memory PM2 is out-of-date\n${JSON.stringify([{ pm_exec_path: '/a.js' }])}`;
    expect(isProcessList(text)).toBe(true);
    const read = readProcessList('x', text);
    expect(read.ok && read.value.processes.length).toBe(1);
    expect(isProcessList('[PM2] Spawning\n[]')).toBe(true);
  });

  it('tells where the JSON is broken', () => {
    const read = readProcessList('jlist.json', '[\n  {"pm_exec_path": "/a.js",\n   "name" "x"}\n]');
    expect(read.ok ? [] : read.error.map(({ position }) => position)).toEqual([
      { file: 'jlist.json', line: 3, column: 11 },
    ]);
  });

  it('never throws, whatever the text or the values are', () => {
    const context = { folder: '/srv', home: '/root', environment: {} };
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
        const read = readProcessList('x', text);
        if (!read.ok) expect(read.error[0]?.hint ?? read.error[0]?.position).toBeDefined();
        else rendered(processApps(read.value, context));
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.constantFrom(...KEYS), fc.jsonValue())), (processes) => {
        rendered(
          processApps(
            {
              processes: processes.map((process) => ({ pm_exec_path: '/srv/a.js', ...process })),
              others: [],
            },
            context,
          ),
        );
      }),
    );
  });
});

const KEYS = [
  ...[
    'name',
    'pm_exec_path',
    'pm_cwd',
    'args',
    'node_args',
    'env',
    'watch',
    'exec_mode',
    'instances',
    'env_x',
    'uid',
  ],
  ...[
    'exec_interpreter',
    'status',
    'pm_out_log_path',
    'pm_pid_path',
    'cron_restart',
    'instance_var',
    'increment_var',
  ],
];

describe('the move from PM2', () => {
  const options = { file: 'ecosystem.yaml', project: 'shop' };

  it('goes app by app, first what is down, last what shares a port of PM2', async () => {
    const text = moveText(imported('jlist.json').apps, options);
    await expect(text).toMatchFileSnapshot('golden/pm2-move.txt');
  });

  it('quotes what a shell would take apart', () => {
    const app = { name: "it's me", pm2Name: "it's me", fields: {} };
    const text = moveText([app], { ...options, file: 'my file.yaml' });
    expect(text).toContain(
      String.raw`pm2 stop 'it'\''s me' && stateward apply -f 'my file.yaml' --only 'it'\''s me' && pm2 delete 'it'\''s me'`,
    );
  });
});
