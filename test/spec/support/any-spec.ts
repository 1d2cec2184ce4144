import fc from 'fast-check';
import { normalise } from '../../../src/spec/normalise/normalise.ts';
import { portNotes } from '../../../src/spec/ports/normalise-ports.ts';
import type { App } from '../../../src/spec/generated/ecosystem.ts';
import type { AppSpec, Dependency } from '../../../src/spec/types.ts';
import { contextWith } from './context.ts';

const word = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/);
const text = fc.oneof(
  word,
  fc.string({ maxLength: 12 }),
  fc.constantFrom('$', '${X}', '$$', 'a b', '"', '${X:-y}'),
);
const ms = fc.oneof(fc.nat({ max: 10 ** 9 }), fc.constantFrom('0s', '1m30s', '2d', '1.5'));
const timing = {
  period: ms,
  timeout: ms,
  initial_delay: ms,
  success_threshold: fc.integer({ min: 1, max: 9 }),
  failure_threshold: fc.integer({ min: 1, max: 9 }),
};
const port = fc.integer({ min: 1, max: 65_535 });
const listened = fc.oneof(port, fc.constantFrom('auto', '8080'));
const probed = fc.oneof(port, fc.constantFrom('main', 'admin'));

function some(
  fields: Readonly<Record<string, fc.Arbitrary<unknown>>>,
): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  return fc.record(fields, { requiredKeys: [] });
}

const headers = fc.dictionary(
  fc.constantFrom('Host', 'X-Api-Key', 'accept'),
  fc.oneof(word, port, fc.constantFrom('$', '${X}', '$$')),
);
const secured = some({
  port: probed,
  scheme: fc.constant('https'),
  server_name: word,
  headers,
}).chain((target) =>
  some({ ca: fc.constantFrom('./ca.pem', '~/ca.pem'), insecure: fc.boolean() }).map((trust) => ({
    ...target,
    scheme: 'https',
    ...('ca' in trust ? { ca: trust['ca'] } : trust),
  })),
);

const probe = fc
  .tuple(
    fc.oneof(
      fc.record({
        http: fc.record(
          { port: probed, path: fc.constantFrom('/', '/x?y'), headers },
          { requiredKeys: ['path'] },
        ),
      }),
      fc.record({ http: secured }),
      fc.record({ grpc: fc.oneof(secured, some({ port: probed, service: text })) }),
      fc.record({ tcp: fc.record({ port: probed }, { requiredKeys: [] }) }),
      fc.record({ exec: fc.record({ command: fc.array(word, { minLength: 1, maxLength: 3 }) }) }),
      fc.record({ log: word }),
    ),
    some(timing),
  )
  .map(([target, rest]) => ({ ...target, ...rest }));

const hook = fc
  .tuple(fc.array(text, { minLength: 1, maxLength: 3 }), some({ timeout: ms }))
  .map(([command, rest]) => ({ command, ...rest }));

const app = fc.record(
  {
    script: fc.constantFrom('./api.js', 'npm', 'x y | z', 'worker.py', '/usr/bin/tool.sh', '~/a.js'),
    name: word,
    namespace: word,
    labels: fc.dictionary(word, text),
    interpreter: fc.constantFrom('node', 'none', './bin/x', '/opt/node'),
    interpreter_args: fc.array(text, { maxLength: 2 }),
    args: fc.array(text, { maxLength: 4 }),
    cwd: fc.constantFrom('.', 'sub', '/abs', '~'),
    env: fc.oneof(
      fc.dictionary(word, text),
      fc.record({ PORT: fc.constantFrom('3000', 'x'), PORT_ADMIN: port }),
    ),
    port: listened,
    ports: fc.uniqueArray(
      fc.record(
        {
          name: fc.constantFrom('main', 'http', 'admin'),
          port: listened,
          host: fc.constantFrom('127.0.0.1', '::'),
          env: fc.constantFrom('PORT', 'ADMIN_PORT'),
          shared: fc.boolean(),
        },
        { requiredKeys: ['name', 'port'] },
      ),
      { selector: ({ name }) => name, maxLength: 3 },
    ),
    sockets: fc.uniqueArray(
      fc.record(
        {
          name: fc.constantFrom('web', 'admin', 'api.x'),
          listen: fc.constantFrom(
            ...[18080, '18081', '127.0.0.1:18082', '[::1]:18083', '*:18084', '/run/a.sock', './b.sock'],
            ...[
              { path: '/run/c.sock', mode: '0600' },
              { path: 'd.sock', user: 'www', group: 7 },
            ],
          ),
          backlog: fc.constantFrom(16, '4096'),
        },
        { requiredKeys: ['name', 'listen'] },
      ),
      { comparator: (a, b) => a.name === b.name || a.listen === b.listen, maxLength: 3 },
    ),
    exec_mode: fc.constantFrom('fork', 'cluster'),
    instances: fc.constantFrom(1, 2, 0, -1, 'max', '3'),
    uid: fc.oneof(word, fc.nat({ max: 65_534 })),
    instance_var: word,
    increment_var: word,
    agent: fc.boolean(),
    autorestart: fc.boolean(),
    stop_signal: fc.constantFrom('SIGTERM', 'int', 9, '15', 'RTMIN+3', 'SIGRTMAX'),
    shutdown: fc.record(
      { command: fc.array(word, { minLength: 1, maxLength: 3 }), timeout: ms },
      { requiredKeys: ['command'] },
    ),
    reload: fc.oneof(
      fc.record(
        { signal: fc.constantFrom('HUP', 12), on_change: fc.constantFrom('code', ['./a.conf', 'code'], []) },
        { requiredKeys: ['signal'] },
      ),
      fc.record({ command: fc.constant(['nginx', '-s', 'reload']), timeout: ms }),
    ),
    stop_exit_codes: fc.array(fc.nat({ max: 255 }), { maxLength: 3 }),
    min_uptime: ms,
    max_restarts: fc.nat({ max: 99 }),
    restart_delay: ms,
    exp_backoff_restart_delay: ms,
    kill_timeout: ms,
    treekill: fc.boolean(),
    leftovers: fc.constantFrom('end', 'keep'),
    stdin: fc.constantFrom('open', 'null'),
    pid_file: fc.constantFrom('api.pid', '/run/api.pid'),
    shutdown_with_message: fc.boolean(),
    wait_ready: fc.boolean(),
    listen_timeout: ms,
    max_memory_restart: fc.oneof(fc.nat(), fc.constantFrom('300M', '1.5G', '1K')),
    cron_restart: fc.constantFrom('@daily', '0 2 * * *'),
    cron_timezone: fc.constantFrom('UTC', 'Europe/Berlin'),
    cron_catch_up: fc.boolean(),
    schedule: fc.constantFrom('@hourly', '*/5 * * * *'),
    concurrency: fc.constantFrom('forbid', 'replace', 'allow'),
    watch: fc.oneof(fc.boolean(), fc.array(word, { minLength: 1, maxLength: 3 })),
    ignore_watch: fc.array(word, { maxLength: 3 }),
    watch_delay: ms,
    watch_options: some({
      usePolling: fc.boolean(),
      interval: ms,
      followSymlinks: fc.boolean(),
      depth: fc.nat({ max: 9 }),
    }),
    readiness: probe,
    liveness: probe,
    startup: probe,
    heartbeat: some({ interval: ms, misses: fc.integer({ min: 1, max: 9 }) }),
    hooks: some({ pre_start: hook, post_start: hook, pre_stop: hook, post_stop: hook, on_failure: hook }),
    run: fc.constantFrom('once', 'every_release'),
    notify: fc.boolean(),
    limits: some({
      memory: fc.oneof(fc.nat(), fc.constantFrom('300M', '1.5G')),
      cpu: fc.constantFrom(0.5, 2, '0.25'),
      pids: fc.integer({ min: 1, max: 999 }),
    }),
    nice: fc.integer({ min: -20, max: 19 }),
    ionice: fc.constantFrom('idle', 'best-effort:7', { class: 'realtime' as const, priority: 0 }),
    oom_score_adj: fc.integer({ min: -1000, max: 1000 }),
    rlimits: some({
      nofile: fc.constantFrom(1024, '1024:4096', 'unlimited', { soft: 5, hard: 'unlimited' }),
      as: fc.constantFrom('8G', 4096, '1G:2G'),
    }),
    cpu_affinity: fc.constantFrom<string | [number, ...number[]] | number>('0-3,6', [1, 0, 1], 2),
    depends_on: fc.dictionary(
      word,
      fc.constantFrom<Dependency>('started', 'ready', 'completed', { condition: 'started', restart: true }),
    ),
    rollout: some({
      max_surge: fc.nat({ max: 3 }),
      max_unavailable: fc.integer({ min: 1, max: 3 }),
      parallel: fc.integer({ min: 1, max: 3 }),
      min_ready: ms,
      deadline: ms,
      on_failure: fc.constantFrom('rollback', 'pause', 'continue'),
    }),
    out_file: fc.constantFrom('NULL', 'logs/x.log', '/var/log/x'),
    log_file: fc.constantFrom('c.log'),
    merge_logs: fc.boolean(),
    disable_logs: fc.boolean(),
    log_date_format: fc.constantFrom('HH:mm', '[x] YYYY'),
    log_type: fc.constantFrom('raw', 'json'),
    log_rotate: fc.oneof(
      fc.boolean(),
      some({ size: fc.nat(), keep: fc.nat({ max: 9 }), interval: ms, compress: fc.boolean() }),
    ),
    protect: fc.boolean(),
  },
  { requiredKeys: ['script'] },
);

/** Every spec that a valid app can become, more or less. */
export const anySpec: fc.Arbitrary<AppSpec> = app
  .map((declared) => {
    const valid = declared as unknown as App;
    return { declared: valid, spec: normalise(valid, contextWith()).spec };
  })
  .filter(({ declared, spec }) => portNotes(declared, spec).every(({ level }) => level !== 'error'))
  .map(({ spec }) => spec);
