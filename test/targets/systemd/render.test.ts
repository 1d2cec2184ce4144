import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importSystemd } from '../../../src/import/systemd/systemd.ts';
import { calendarOf } from '../../../src/targets/systemd/calendar.ts';
import type { UnitFile } from '../../../src/targets/systemd/model.ts';
import type { AppSpec } from '../../../src/spec/types.ts';
import { contextWith, specOf } from '../../spec/support/context.ts';
import { normalise } from '../../../src/spec/normalise/normalise.ts';
import type { App } from '../../../src/spec/generated/ecosystem.ts';
import { saidOf, systemd } from '../support/others.ts';

const WEB = {
  ...{ name: 'web', port: 3000, instances: 2, exec_mode: 'fork' as const, notify: true, watchdog: 10_000 },
  ...{ env: { MODE: 'a b', DB_PASSWORD: 'hunter2' }, max_memory_restart: '300M' },
  ...{ hooks: { post_stop: { command: ['./bye', '%h'] } }, depends_on: { migrate: 'completed' } },
} satisfies Partial<App>;

function textOf(units: readonly UnitFile[], name: string): string {
  return units.find((unit) => unit.name === name)?.text ?? '';
}

/** The value of a key of a unit; several in a list. */
function valuesOf(text: string, key: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${key}=`))
    .map((line) => line.slice(key.length + 1));
}

const APPS: readonly AppSpec[] = [
  specOf({ name: 'migrate', autorestart: false }),
  specOf(WEB),
  specOf({ name: 'report', schedule: '*/15 8-18 * * mon-fri', cron_timezone: 'Europe/Berlin' }),
  specOf({
    name: 'nightly',
    cron_restart: '0 4 1 * sun',
    sockets: [{ name: 'http', listen: '127.0.0.1:8080' }],
  }),
  specOf({
    name: 'shell',
    script: 'exec echo "$HOME" 100%',
    shell: '/bin/sh',
    limits: { cpu: 0.5, pids: 10 },
  }),
];

describe('apps as units', () => {
  it('are services, sockets, timers and a target', () => {
    const { objects, secrets } = systemd(APPS);
    expect(objects.map(({ name }) => name)).toEqual([
      'shop-apps.target',
      'shop-migrate.service',
      ...['shop-nightly.service', 'shop-nightly-http.socket'],
      ...['shop-nightly-restart.service', 'shop-nightly-restart.timer'],
      ...['shop-report.service', 'shop-report.timer'],
      'shop-shell.service',
      ...['shop-web-0.service', 'shop-web-1.service'],
    ]);
    expect(objects).toMatchSnapshot();
    expect(JSON.stringify(objects)).not.toContain('hunter2');
    expect(secrets).toEqual([{ path: '/etc/stateward/shop/web.env', names: ['DB_PASSWORD'] }]);
  });

  it('have what each slot has here', () => {
    const { objects } = systemd([
      specOf({ name: 'web', exec_mode: 'fork', port: 3000, instances: 2, instance_var: 'N' }),
    ]);
    const second = valuesOf(textOf(objects, 'shop-web-1.service'), 'Environment');
    expect(second).toEqual(expect.arrayContaining(['PORT=3001', 'N=1']));
  });

  it('write where each slot does here, and to the journal where that is a stream', () => {
    const files = (out_file: string, merge_logs = false): readonly string[] => {
      const app = { name: 'web', exec_mode: 'fork' as const, instances: 2, out_file, merge_logs };
      return valuesOf(textOf(systemd([specOf(app)]).objects, 'shop-web-1.service'), 'StandardOutput');
    };
    expect(files('/logs/web.v2.log')).toEqual(['append:/logs/web.v2-1.log']);
    expect(files('/logs/.web')).toEqual(['append:/logs/.web-1']);
    expect(files('/logs/web.log', true)).toEqual(['append:/logs/web.log']);
    expect(files('/dev/null')).toEqual(['null']);
    expect(files('/dev/stdout')).toEqual([]);
    expect(files('-')).toEqual([]);
  });

  it('are refused where they would be called alike, or share a port', () => {
    const clash = systemd([specOf({ name: 'a-0' }), specOf({ name: 'a', instances: 2 })]);
    expect(saidOf(clash, 'error')).toEqual([
      'name: its unit would be called shop-a-0.service there, as one of shop/a is',
    ]);
    const shared = systemd([specOf({ name: 'a', exec_mode: 'cluster', instances: 2, port: 3000 })]);
    expect(saidOf(shared, 'error')).toEqual(['exec_mode: nothing shares a port between services']);
    const single = systemd([specOf({ name: 'a', exec_mode: 'cluster', instances: 1, port: 3000 })]);
    expect(saidOf(single, 'error')).toEqual([]);
  });

  const verify = spawnSync('systemd-analyze', ['--version']);
  it.skipIf(verify.error !== undefined)('are units to systemd (needs systemd-analyze)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'stateward-units-'));
    try {
      const bins = APPS.map((spec) => ({
        ...spec,
        cwd: '/tmp',
        interpreter: spec.shell ? spec.interpreter : '/bin/true',
      }));
      const { objects } = systemd(bins, {
        host: { node: '/bin/true', user: 'root', secrets: '/etc/stateward' },
      });
      for (const { name, text } of objects)
        writeFileSync(join(folder, name), text.replaceAll('/tmp/bye', '/bin/true'));
      const paths = objects.map(({ name }) => join(folder, name));
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', ...paths], {
        encoding: 'utf8',
        env: { ...process.env, SYSTEMD_UNIT_PATH: `${folder}:` },
      });
      const ours = stderr.split('\n').filter((line) => line.includes('shop-'));
      expect({ ours, status }).toMatchObject({ ours: [] });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('what is written for systemd', () => {
  const text = fc.string({
    unit: fc.constantFrom(...Array.from('ab %$"\'\\;#={}@-é\n\t')),
    minLength: 1,
    maxLength: 12,
  });
  const app = fc.record(
    {
      args: fc.array(text, { maxLength: 4 }),
      env: fc.dictionary(fc.constantFrom('A', 'B_1', 'MODE'), text, { maxKeys: 3 }),
      kill_timeout: fc.integer({ min: 1, max: 90_000 }),
      restart_delay: fc.integer({ min: 1, max: 90_000 }),
      stop_signal: fc.constantFrom('SIGINT', 'SIGTERM', 'SIGQUIT'),
      nice: fc.integer({ min: -20, max: 19 }),
      uid: fc.constantFrom('app', 1000),
      umask: fc.constant('0077'),
      stop_exit_codes: fc.constantFrom([3], [3, 4]),
    },
    { requiredKeys: [] },
  );
  const KEPT = [
    'args',
    'env',
    'kill_timeout',
    'restart_delay',
    'stop_signal',
    'nice',
    'umask',
    'cwd',
    'script',
  ] as const;

  it('means the same when it is read again', () => {
    fc.assert(
      fc.property(app, (declared) => {
        const spec = specOf({ name: 'api', ...declared, script: '/srv/shop/api.js' } as unknown as App);
        const { objects } = systemd([spec]);
        const again = readAgain(objects);
        for (const field of KEPT) {
          const value = field === 'env' ? without(again.env, 'NODE_APP_INSTANCE') : again[field];
          // systemd has a delay where nothing is declared.
          if (field === 'restart_delay' && spec[field] === null) continue;
          expect([field, value]).toEqual([field, spec[field]]);
        }
      }),
      { numRuns: 300 },
    );
  });
});

function readAgain(units: readonly UnitFile[]): AppSpec {
  const services = units.filter(({ name }) => name.endsWith('.service'));
  const result = importSystemd(services.map(({ name, text }) => ({ file: name, text })));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  const [app] = result.value.apps;
  const fields = { ...app?.fields, name: app?.name } as unknown as App;
  return normalise(fields, contextWith()).spec;
}

function without(env: Readonly<Record<string, string>>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([key]) => key !== name));
}

describe('a schedule', () => {
  it.each<readonly [string, string | null, readonly string[] | null]>([
    ['0 2 * * *', null, ['*-*-* 02:00:00']],
    ['*/20 * * * *', 'UTC', ['*-*-* *:00,20,40:00 UTC']],
    ['30 0 12 * * *', null, ['*-*-* 12:00:30']],
    ['0 9 * jan,jul 1-3', null, ['Mon,Tue,Wed *-01,07-* 09:00:00']],
    ['0 9 * * 5-7', null, ['Fri,Sat,Sun *-*-* 09:00:00']],
    ['0 4 1 * sun', null, ['*-*-01 04:00:00', 'Sun *-*-* 04:00:00']],
    ['@daily', null, ['*-*-* 00:00:00']],
    ['@weekly', null, ['Sun *-*-* 00:00:00']],
    ['@minutely', null, ['*-*-* *:*:00']],
    ['0 0 L * *', null, null],
    ['0 0 * * 5#2', null, null],
    ['H 0 * * *', null, null],
  ])('%s in %s is %j', (schedule, zone, expected) => {
    expect(calendarOf(schedule, zone)).toEqual(expected);
  });
});
