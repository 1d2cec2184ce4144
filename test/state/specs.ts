import type { AppKey } from '../../src/lib/app-key.ts';
import type { AppSpec, ProjectSpec } from '../../src/spec/types.ts';
import type { Fact } from '../../src/state/types.ts';

/** A whole spec with everything at its default, for tests that care about few fields. */
export function appSpec(fields: Partial<AppSpec> & { readonly name: string }): AppSpec {
  return {
    namespace: 'default',
    labels: {},
    script: '/srv/app.js',
    interpreter: 'node',
    interpreter_args: [],
    args: [],
    cwd: '/srv',
    env: {},
    exec_mode: 'fork',
    shell: false,
    uid: null,
    gid: null,
    instance_var: 'NODE_APP_INSTANCE',
    increment_var: null,
    agent: true,
    instances: 1,
    autostart: true,
    autorestart: true,
    stop_exit_codes: [],
    min_uptime: 1_000,
    max_restarts: null,
    restart_delay: null,
    exp_backoff_restart_delay: null,
    kill_timeout: 5_000,
    treekill: true,
    shutdown_with_message: false,
    wait_ready: false,
    listen_timeout: 30_000,
    max_memory_restart: null,
    cron_restart: null,
    watch: false,
    ignore_watch: [],
    watch_delay: 200,
    readiness: null,
    liveness: null,
    startup: null,
    heartbeat: null,
    depends_on: {},
    rollout: {
      max_surge: 1,
      max_unavailable: 0,
      parallel: 1,
      min_ready: 0,
      deadline: null,
      on_failure: 'rollback',
    },
    out_file: null,
    error_file: null,
    log_file: null,
    merge_logs: false,
    disable_logs: false,
    log_date_format: null,
    log_type: 'raw',
    log_rotate: null,
    protect: false,
    ...fields,
  };
}

export function projectSpec(project: string, apps: readonly AppSpec[]): ProjectSpec {
  return { project, source: { files: [`/srv/${project}/ecosystem.yaml`], env: null }, apps };
}

type AcceptedFact = Extract<Fact, { kind: 'project-accepted' }>;

/** The fact that a file with these apps was applied. */
export function accepted(
  project: string,
  apps: readonly AppSpec[],
  fields: Partial<AcceptedFact> = {},
): AcceptedFact {
  return {
    kind: 'project-accepted',
    spec: projectSpec(project, apps),
    templateHashes: Object.fromEntries(apps.map((app) => [app.name, `hash-of-${app.script}`])),
    prune: true,
    at: 1_000,
    ...fields,
  };
}

/** A restart of every instance of an app, or of one slot, as an operator asks for it. */
export function restartOf(
  key: AppKey,
  slot: number | null = null,
): Extract<Fact, { kind: 'restart-requested' }> {
  return {
    kind: 'restart-requested',
    key,
    slot,
    reason: 'RestartRequested',
    detail: 'asked for by ann',
    at: 5,
  };
}
