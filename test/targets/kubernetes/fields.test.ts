import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SPEC_FIELDS } from '../../../src/spec/generated/spec-defaults.ts';
import type { AppSpec } from '../../../src/spec/types.ts';
import { specOf } from '../../spec/support/context.ts';
import { DECLARED } from '../support/declared.ts';
import { render } from './support/render.ts';

/** `mapped` changes the objects, `said` changes what is said, `met` holds there whatever it says. */
type How = 'mapped' | 'said' | 'met';

const FIELDS: Record<keyof AppSpec | 'image' | 'umask', How> = {
  name: 'mapped',
  namespace: 'mapped',
  labels: 'mapped',
  script: 'mapped',
  serve: 'said',
  interpreter: 'mapped',
  interpreter_args: 'mapped',
  args: 'mapped',
  cwd: 'mapped',
  env: 'mapped',
  env_from: 'mapped',
  secrets: 'mapped',
  ports: 'mapped',
  sockets: 'said',
  exec_mode: 'met',
  shell: 'mapped',
  uid: 'mapped',
  gid: 'mapped',
  umask: 'said',
  instance_var: 'mapped',
  increment_var: 'said',
  agent: 'said',
  image: 'mapped',
  instances: 'mapped',
  autostart: 'mapped',
  autorestart: 'mapped',
  stop_exit_codes: 'said',
  success_exit_codes: 'said',
  min_uptime: 'said',
  max_restarts: 'said',
  restart_delay: 'said',
  exp_backoff_restart_delay: 'said',
  kill_timeout: 'mapped',
  stop_signal: 'said',
  shutdown: 'mapped',
  reload: 'said',
  treekill: 'said',
  leftovers: 'said',
  daemonize: 'said',
  pid_file: 'said',
  shutdown_with_message: 'said',
  wait_ready: 'said',
  notify: 'said',
  watchdog: 'said',
  listen_timeout: 'mapped',
  max_memory_restart: 'mapped',
  cron_restart: 'said',
  cron_timezone: 'mapped',
  cron_catch_up: 'mapped',
  schedule: 'mapped',
  concurrency: 'mapped',
  run: 'met',
  watch: 'said',
  ignore_watch: 'met',
  watch_delay: 'met',
  watch_options: 'met',
  readiness: 'mapped',
  liveness: 'mapped',
  startup: 'mapped',
  heartbeat: 'said',
  hooks: 'said',
  code: 'met',
  code_ignore: 'met',
  version: 'mapped',
  stdin: 'mapped',
  tty: 'mapped',
  limits: 'mapped',
  nice: 'said',
  ionice: 'said',
  oom_score_adj: 'said',
  rlimits: 'said',
  cpu_affinity: 'said',
  depends_on: 'said',
  rollout: 'mapped',
  out_file: 'said',
  error_file: 'said',
  log_file: 'said',
  merge_logs: 'met',
  disable_logs: 'said',
  log_date_format: 'said',
  log_type: 'said',
  log_rotate: 'said',
  protect: 'mapped',
};

describe('a field of an app', () => {
  it.each(Object.entries(FIELDS))('%s is mapped, diagnosed, or holds anyway', (name, how) => {
    const field = name as keyof AppSpec;
    const { value, of } = DECLARED[field];
    const plain = specOf({ name: 'api', ...of });
    const before = render([plain]);
    const after = render([{ ...plain, [field]: value }]);
    expect(plain[field]).not.toEqual(value);
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
