import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SPEC_FIELDS } from '../../../src/spec/generated/spec-defaults.ts';
import type { AppSpec } from '../../../src/spec/types.ts';
import { specOf } from '../../spec/support/context.ts';
import { render } from './support.ts';

/**
 * What becomes of a field: `mapped` changes the objects, `said` changes what is said, `met` holds there whatever it says.
 * The app is what makes a difference, where a plain one does not.
 */
interface Meaning {
  readonly how: 'mapped' | 'said' | 'met';
  readonly value: unknown;
  readonly of?: Record<string, unknown>;
}

const probe = { http: { port: 3000, path: '/healthz' } };
const spec = (field: keyof AppSpec, app: Record<string, unknown>): unknown => specOf(app)[field];

const FIELDS: Record<keyof AppSpec | 'image' | 'umask', Meaning> = {
  name: { how: 'mapped', value: 'other' },
  namespace: { how: 'mapped', value: 'billing' },
  labels: { how: 'mapped', value: { team: 'payments' } },
  script: { how: 'mapped', value: '/srv/shop/other.js' },
  serve: { how: 'said', value: spec('serve', { script: undefined, serve: { path: '.', port: 8080 } }) },
  interpreter: { how: 'mapped', value: 'deno' },
  interpreter_args: { how: 'mapped', value: ['--enable-source-maps'] },
  args: { how: 'mapped', value: ['--fast'] },
  cwd: { how: 'mapped', value: '/srv/shop/api' },
  env: { how: 'mapped', value: { MODE: 'fast' } },
  env_from: { how: 'mapped', value: { API_TOKEN: { from_file: '/etc/token' } } },
  secrets: { how: 'mapped', value: ['LICENSE'], of: { env: { LICENSE: 'abc' } } },
  ports: { how: 'mapped', value: spec('ports', { port: 3000 }) },
  sockets: { how: 'said', value: spec('sockets', { sockets: [{ name: 'web', listen: 8080 }] }) },
  exec_mode: { how: 'met', value: 'cluster' },
  shell: { how: 'mapped', value: true },
  uid: { how: 'mapped', value: 1000 },
  gid: { how: 'mapped', value: 1000 },
  umask: { how: 'said', value: '077' },
  instance_var: { how: 'mapped', value: 'WORKER' },
  increment_var: { how: 'said', value: 'PORT' },
  agent: { how: 'said', value: false, of: { port: 3000 } },
  image: { how: 'mapped', value: 'registry.test/api:2' },
  instances: { how: 'mapped', value: 3 },
  autostart: { how: 'mapped', value: false },
  autorestart: { how: 'mapped', value: false },
  stop_exit_codes: { how: 'said', value: [3] },
  success_exit_codes: { how: 'said', value: [0, 3] },
  min_uptime: { how: 'said', value: 5000 },
  max_restarts: { how: 'said', value: 3 },
  restart_delay: { how: 'said', value: 500 },
  exp_backoff_restart_delay: { how: 'said', value: 500 },
  kill_timeout: { how: 'mapped', value: 20_000 },
  stop_signal: { how: 'said', value: 'SIGTERM' },
  shutdown: { how: 'mapped', value: { command: ['bye'], timeout: 1000 } },
  reload: { how: 'said', value: { signal: 'SIGHUP', command: null, timeout: 1000, on_change: [] } },
  treekill: { how: 'said', value: false, of: { script: 'node api.js', shell: true } },
  leftovers: { how: 'said', value: 'keep' },
  daemonize: { how: 'said', value: true },
  pid_file: { how: 'said', value: '/run/api.pid' },
  shutdown_with_message: { how: 'said', value: true },
  wait_ready: { how: 'said', value: true },
  notify: { how: 'said', value: true },
  watchdog: { how: 'said', value: 1000 },
  listen_timeout: { how: 'mapped', value: 60_000 },
  max_memory_restart: { how: 'mapped', value: 300_000_000 },
  cron_restart: { how: 'said', value: '0 2 * * *' },
  cron_timezone: { how: 'mapped', value: 'UTC', of: { schedule: '@daily' } },
  cron_catch_up: { how: 'mapped', value: false, of: { schedule: '@daily' } },
  schedule: { how: 'mapped', value: '@daily' },
  concurrency: { how: 'mapped', value: 'allow', of: { schedule: '@daily' } },
  // Of a job that another app waits for: see render.test.ts.
  run: { how: 'met', value: 'every_release' },
  watch: { how: 'said', value: true },
  ignore_watch: { how: 'met', value: ['tmp'] },
  watch_delay: { how: 'met', value: 1000 },
  watch_options: { how: 'met', value: spec('watch_options', { watch_options: { usePolling: true } }) },
  readiness: { how: 'mapped', value: spec('readiness', { readiness: probe }) },
  liveness: { how: 'mapped', value: spec('liveness', { liveness: probe }) },
  startup: { how: 'mapped', value: spec('startup', { startup: probe }) },
  heartbeat: { how: 'said', value: { interval: 5000, misses: 3 } },
  hooks: { how: 'said', value: { post_stop: { command: ['bye'], timeout: 1000 } } },
  code: { how: 'met', value: 'off' },
  code_ignore: { how: 'met', value: ['*.md'] },
  version: { how: 'mapped', value: '2.4.1' },
  stdin: { how: 'mapped', value: 'null' },
  tty: { how: 'mapped', value: true },
  limits: { how: 'mapped', value: { memory: 500_000_000, cpu: 0.5, pids: null } },
  nice: { how: 'said', value: 5 },
  ionice: { how: 'said', value: 'idle' },
  oom_score_adj: { how: 'said', value: 500 },
  rlimits: { how: 'said', value: { nofile: '1024' } },
  cpu_affinity: { how: 'said', value: '0' },
  depends_on: { how: 'said', value: { db: 'ready' } },
  rollout: { how: 'mapped', value: { ...specOf().rollout, max_surge: 2, parallel: 2 } },
  out_file: { how: 'said', value: '/var/log/api.log' },
  error_file: { how: 'said', value: '/var/log/api.log' },
  log_file: { how: 'said', value: '/var/log/api.log' },
  merge_logs: { how: 'met', value: false },
  disable_logs: { how: 'said', value: true },
  log_date_format: { how: 'said', value: 'YYYY' },
  log_type: { how: 'said', value: 'json' },
  log_rotate: { how: 'said', value: null },
  protect: { how: 'mapped', value: true },
};

describe('a field of an app', () => {
  it.each(Object.entries(FIELDS))('%s is mapped, diagnosed, or holds anyway', (field, { how, value, of }) => {
    const plain = specOf({ name: 'api', ...of });
    const before = render([plain]);
    const after = render([{ ...plain, [field]: value }]);
    expect(plain[field as keyof AppSpec]).not.toEqual(value);
    const isMapped = JSON.stringify(before.objects) !== JSON.stringify(after.objects);
    const isSaid = JSON.stringify(before.diagnostics) !== JSON.stringify(after.diagnostics);
    if (how === 'mapped') expect(isMapped).toBe(true);
    if (how === 'said') expect(isSaid).toBe(true);
    if (how === 'met') expect({ isMapped, isSaid }).toEqual({ isMapped: false, isSaid: false });
  });

  it('is in the table of the docs, whichever it is', () => {
    const docs = readFileSync(new URL('../../../docs/kubernetes.md', import.meta.url), 'utf8');
    const rows = docs.split('\n').filter((line) => line.startsWith('| `'));
    const listed = rows.flatMap((row) =>
      [...(row.split('|')[1] ?? '').matchAll(/`([a-z_]+)`/g)].map(([, name]) => name),
    );
    const declared = [...SPEC_FIELDS, 'image', 'umask'].filter((field) => field !== 'env_from');
    expect(listed.toSorted()).toEqual(declared.toSorted());
  });
});
