import { dependencyEdges } from '../../spec/dependencies.ts';
import { countedVariable } from '../../spec/environment/counted-variable.ts';
import { logFile, streamOf } from '../../spec/logs/log-file.ts';
import { portEnv } from '../../spec/ports/slot-ports.ts';
import type { AppSpec } from '../../spec/types.ts';
import { plainVariables, secretVariables } from '../model/variables.ts';
import { execStart, hookLine } from './command.ts';
import { serviceNames, unitName, type SystemdApp } from './model.ts';
import { plain, span, unitText, word, type Setting } from './text.ts';
import { tuning } from './tuning.ts';

/** The service of one slot. `sockets`: names of the units that pass sockets to it. */
export function serviceText(app: SystemdApp, slot: number, sockets: readonly string[]): string {
  const { spec, project } = app;
  const isWanted = spec.autostart && spec.schedule === null;
  return unitText([
    {
      name: 'Unit',
      settings: [
        ['Description', plain(`${project}/${spec.name}${spec.instances > 1 ? `:${slot}` : ''}`)],
        ...dependencies(app),
        ...limitOfStarts(spec),
      ],
    },
    {
      name: 'Service',
      settings: [
        ['Type', typeOf(spec)],
        ...(isJob(spec) && spec.schedule === null ? [['RemainAfterExit', 'yes'] as const] : []),
        ['ExecStart', execStart(app)],
        ['WorkingDirectory', plain(spec.cwd)],
        ['User', spec.uid === null ? app.host.user : String(spec.uid)],
        ['Group', spec.gid === null ? null : String(spec.gid)],
        ['UMask', spec.umask ?? null],
        [
          'Environment',
          Object.entries(variables(spec, slot)).map(([name, value]) => word(`${name}=${value}`)),
        ],
        ['EnvironmentFile', secretFile(app)],
        ['Sockets', sockets.length === 0 ? null : sockets.join(' ')],
        ...starting(app),
        ...ending(app),
        ...restarting(spec),
        ...output(spec, slot),
        ...tuning(spec),
      ],
    },
    { name: 'Install', settings: [['WantedBy', isWanted ? `${targetName(project)}.target` : null]] },
  ]);
}

/** What all services of a project are a part of. */
export function targetName(project: string): string {
  return unitName(project, 'apps');
}

export function isJob({ autorestart, schedule }: AppSpec): boolean {
  return !autorestart || schedule !== null;
}

function typeOf(spec: AppSpec): string {
  if (isJob(spec)) return 'oneshot';
  if (spec.notify) return 'notify';
  // What fails to start is seen as that.
  return spec.daemonize ? 'forking' : 'exec';
}

function dependencies({ spec, project, others }: SystemdApp): readonly Setting[] {
  const edges = dependencyEdges(spec).map(({ name, condition, restart }) => {
    const units = serviceNames(unitName(project, name), others.get(name) ?? { instances: 1 });
    return { names: units.map((unit) => `${unit}.service`).join(' '), condition, restart };
  });
  const after = ['network-online.target', ...edges.map(({ names }) => names)];
  const needed = edges.filter(({ condition }) => condition === 'completed').map(({ names }) => names);
  const wanted = edges.filter(({ condition }) => condition !== 'completed').map(({ names }) => names);
  const along = edges.filter(({ restart }) => restart).map(({ names }) => names);
  return [
    ['PartOf', [`${targetName(project)}.target`, ...along].join(' ')],
    ['Requires', needed.length === 0 ? null : needed.join(' ')],
    ['Wants', ['network-online.target', ...wanted].join(' ')],
    ['After', after.join(' ')],
  ];
}

/** Without `max_restarts` an app is started again for ever; systemd gives up after 5 starts in 10 s. */
function limitOfStarts({ max_restarts, min_uptime }: AppSpec): readonly Setting[] {
  if (max_restarts === null) return [['StartLimitIntervalSec', 0]];
  const each = Math.max(min_uptime, 1000) + 1000;
  return [
    ['StartLimitIntervalSec', span(each * (max_restarts + 1))],
    ['StartLimitBurst', max_restarts + 1],
  ];
}

/** What a process of this slot finds in its environment, less its secrets. */
function variables(spec: AppSpec, slot: number): Readonly<Record<string, string>> {
  return {
    ...plainVariables(spec),
    ...countedVariable(spec, slot),
    ...portEnv(spec, slot),
    [spec.instance_var]: String(slot),
  };
}

/** Lines of NAME=value, which nobody here writes; null: the app has no secrets. */
export function secretFile({ spec, host, project }: SystemdApp): string | null {
  const names = secretVariables(spec);
  if (names.length === 0) return null;
  const isOptional = names.every((name) => spec.env_from[name]?.optional === true);
  return `${isOptional ? '-' : ''}${plain(`${host.secrets}/${project}/${spec.name}.env`)}`;
}

function starting(app: SystemdApp): readonly Setting[] {
  const { listen_timeout, notify, daemonize, pid_file, watchdog, hooks } = app.spec;
  const after = hooks?.post_start?.command;
  return [
    ['TimeoutStartSec', isJob(app.spec) ? 'infinity' : notify || daemonize ? span(listen_timeout) : null],
    ['PIDFile', daemonize && pid_file !== null ? plain(pid_file) : null],
    ['WatchdogSec', notify && watchdog !== null ? span(watchdog) : null],
    ['ExecStartPost', after === undefined ? null : hookLine(app, after)],
  ];
}

function ending(app: SystemdApp): readonly Setting[] {
  const { spec } = app;
  const { hooks, shutdown, reload, kill_timeout, stop_signal, leftovers, treekill } = spec;
  const before = [hooks?.pre_stop, shutdown ?? undefined].filter((hook) => hook !== undefined);
  const after = hooks?.post_stop;
  const again =
    reload === null
      ? null
      : reload.command !== null
        ? hookLine(app, reload.command)
        : `/bin/kill -${(reload.signal ?? 'SIGHUP').replace(/^SIG/, '')} $MAINPID`;
  return [
    ['ExecReload', again],
    ['ExecStop', before.map(({ command }) => hookLine(app, command))],
    ['ExecStopPost', after === undefined ? null : hookLine(app, after.command)],
    ['KillSignal', stop_signal],
    ['KillMode', leftovers === 'keep' ? 'process' : treekill ? 'control-group' : 'mixed'],
    [
      'TimeoutStopSec',
      span(Math.max(kill_timeout, ...before.map(({ timeout }) => timeout), after?.timeout ?? 0)),
    ],
  ];
}

function restarting(spec: AppSpec): readonly Setting[] {
  const { restart_delay, exp_backoff_restart_delay: growing, stop_exit_codes, success_exit_codes } = spec;
  const good = success_exit_codes.filter((code) => code !== 0);
  const codes: readonly Setting[] = [['SuccessExitStatus', good.length === 0 ? null : good.join(' ')]];
  if (isJob(spec)) return [['Restart', 'no'], ...codes];
  return [
    ['Restart', 'always'],
    ['RestartSec', span(restart_delay ?? growing ?? 1000)],
    ...(growing === null || restart_delay !== null
      ? []
      : ([
          ['RestartSteps', 10],
          ['RestartMaxDelaySec', '15s'],
        ] as const)),
    ...codes,
    ['RestartPreventExitStatus', stop_exit_codes.length === 0 ? null : stop_exit_codes.join(' ')],
  ];
}

function output(spec: AppSpec, slot: number): readonly Setting[] {
  const place = (path: string | null, own: 'out' | 'error'): string | null => {
    if (spec.disable_logs) return 'null';
    if (path === null || streamOf(path, own) !== null) return null;
    const file = logFile(path, spec, slot);
    return file === null ? 'null' : `append:${plain(file)}`;
  };
  return [
    ['StandardOutput', place(spec.out_file, 'out')],
    ['StandardError', place(spec.error_file, 'error')],
  ];
}
