import { hasAgent } from '../../../spec/node-app.ts';
import type { AppSpec } from '../../../spec/types.ts';
import { error, warning, type Finding } from '../../model/rendered.ts';
import { seconds } from '../objects.ts';
import type { KubernetesApp } from '../settings.ts';

/** So long a pod goes on taking connections after it was asked to end: nodes learn of it no sooner. */
const LEAVE_SECONDS = 3;

/** How a pod ends: what runs before the signal, and when it is killed. */
export interface PodEnding {
  readonly terminationGracePeriodSeconds: number;
  readonly lifecycle?: Readonly<Record<string, unknown>>;
}

export function podEnding({ spec }: KubernetesApp): PodEnding {
  const preStop = preStopOf(spec);
  const postStart = spec.hooks?.post_start?.command;
  const lifecycle = {
    ...(postStart !== undefined && { postStart: { exec: { command: postStart } } }),
    ...(preStop !== null && { preStop: { exec: { command: preStop.command } } }),
  };
  return {
    terminationGracePeriodSeconds: Math.max(1, seconds(spec.kill_timeout) + (preStop?.seconds ?? 0)),
    ...(Object.keys(lifecycle).length > 0 && { lifecycle }),
  };
}

interface BeforeStop {
  readonly command: readonly string[];
  /** How long it may take, which the pod is given on top. */
  readonly seconds: number;
}

/** One command at most: a hook goes before a command that ends the app, and that before the wait for the network. */
function preStopOf(spec: AppSpec): BeforeStop | null {
  const hook = spec.hooks?.pre_stop ?? spec.shutdown;
  if (hook !== null) return { command: hook.command, seconds: seconds(hook.timeout) };
  if (spec.ports.length === 0) return null;
  return { command: ['sleep', String(LEAVE_SECONDS)], seconds: LEAVE_SECONDS };
}

export function lifecycleFindings({ spec }: KubernetesApp): readonly Finding[] {
  return [...endFindings(spec), ...hookFindings(spec), ...readyFindings(spec), ...restartFindings(spec)];
}

function endFindings(spec: AppSpec): readonly Finding[] {
  const { stop_signal, shutdown_with_message, leftovers, daemonize, treekill, shell } = spec;
  return [
    ...(stop_signal === 'SIGTERM'
      ? []
      : [
          warning(
            'stop_signal',
            `a pod gets SIGTERM, or what STOPSIGNAL of its image says, not ${stop_signal}`,
            `handle SIGTERM, or have the image say STOPSIGNAL ${stop_signal}`,
          ),
        ]),
    ...(shutdown_with_message
      ? [error('shutdown_with_message', 'nobody sends it there', 'handle SIGTERM')]
      : []),
    ...(leftovers === 'keep' ? [error('leftovers', 'everything in a container ends with its program')] : []),
    ...(daemonize ? [error('daemonize', 'a container ends when its program goes into the background')] : []),
    ...(spec.pid_file !== null && !daemonize ? [warning('pid_file', 'has no effect there')] : []),
    ...(treekill && shell
      ? [warning('treekill', 'the signal comes to the shell alone there', 'begin the last command with exec')]
      : []),
  ];
}

function hookFindings({ hooks, shutdown }: AppSpec): readonly Finding[] {
  if (hooks === null) return [];
  return [
    ...(hooks.pre_start === undefined
      ? []
      : [
          error(
            'hooks.pre_start',
            'nothing runs once before a rollout there',
            'make it an app with autorestart: false, which the others depend on',
          ),
        ]),
    ...(hooks.post_start === undefined
      ? []
      : [warning('hooks.post_start', 'runs right after the start there, not once the instance is ready')]),
    ...(hooks.pre_stop !== undefined && shutdown !== null
      ? [error('hooks.pre_stop', 'one command can run before the signal there, and shutdown is another')]
      : []),
    ...(hooks.post_stop === undefined ? [] : [error('hooks.post_stop', 'nothing runs after a pod there')]),
    ...(hooks.on_failure === undefined
      ? []
      : [error('hooks.on_failure', 'nothing runs there when an app fails', 'watch the cluster for it')]),
  ];
}

/** What an app says of itself over ways that a pod does not have. */
function readyFindings(spec: AppSpec): readonly Finding[] {
  const { wait_ready, notify, watchdog, heartbeat, readiness, liveness, sockets, reload } = spec;
  const ready = (field: 'wait_ready' | 'notify'): Finding =>
    readiness === null
      ? error(field, 'nobody hears there that the app is ready', 'give it a readiness probe')
      : warning(field, 'nobody hears it there: the readiness probe alone says when the app is ready');
  const alive = (field: 'watchdog' | 'heartbeat'): Finding =>
    liveness === null
      ? error(field, 'nobody sees there that the app hangs', 'give it a liveness probe')
      : warning(field, 'nobody looks at it there: the liveness probe alone says when the app hangs');
  return [
    ...(wait_ready ? [ready('wait_ready')] : []),
    ...(notify ? [ready('notify')] : []),
    ...(watchdog !== null ? [alive('watchdog')] : []),
    ...(heartbeat !== null ? [alive('heartbeat')] : []),
    ...(sockets.length > 0
      ? [error('sockets', 'nobody passes sockets to a pod', 'have the app listen by itself')]
      : []),
    ...(reload === null ? [] : [warning('reload', 'new settings start new pods there')]),
    ...(hasAgent(spec) && spec.ports.length > 0
      ? [
          warning(
            'agent',
            'no agent is in the image: the app itself closes its connections when it is to end',
          ),
        ]
      : []),
  ];
}

function restartFindings(spec: AppSpec): readonly Finding[] {
  const fixed = (['restart_delay', 'exp_backoff_restart_delay', 'max_restarts'] as const).filter(
    (field) => spec[field] !== null,
  );
  return [
    ...fixed.map((field) =>
      warning(field, 'a pod is always started again, after 10 s at first and up to 5 minutes'),
    ),
    ...(spec.min_uptime === 1000
      ? []
      : [warning('min_uptime', 'a container counts as stable after 10 minutes there')]),
    ...(spec.cron_restart === null
      ? []
      : [
          error(
            'cron_restart',
            'no pod is restarted on a schedule there',
            'restart it from a CronJob of your own',
          ),
        ]),
  ];
}
