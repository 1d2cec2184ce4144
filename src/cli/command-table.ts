import type { CommandClass } from './command-class.ts';

/** How a command is named and got. */
export interface CommandEntry {
  /** Other names of it. */
  readonly aliases: readonly string[];
  /** Loads its code: of twenty commands, one runs. */
  readonly load: () => Promise<{ readonly default: CommandClass }>;
}

/** Commands by id, as oclif writes ids: `get`, `daemon:start`. */
export type CommandTable = Readonly<Record<string, CommandEntry>>;

function command(load: CommandEntry['load'], ...aliases: readonly string[]): CommandEntry {
  return { aliases, load };
}

/** Every command there is. Nothing is looked for on disk. */
export const COMMANDS: CommandTable = {
  apply: command(() => import('./commands/apply.ts')),
  'daemon:run': command(() => import('./commands/daemon/run.ts')),
  'daemon:start': command(() => import('./commands/daemon/start.ts')),
  'daemon:status': command(() => import('./commands/daemon/status.ts')),
  'daemon:stop': command(() => import('./commands/daemon/stop.ts')),
  delete: command(() => import('./commands/delete.ts'), 'del', 'rm'),
  describe: command(() => import('./commands/describe.ts')),
  diff: command(() => import('./commands/diff.ts')),
  doctor: command(() => import('./commands/doctor.ts')),
  events: command(() => import('./commands/events.ts')),
  explain: command(() => import('./commands/explain.ts')),
  get: command(() => import('./commands/get.ts'), 'ls', 'list', 'ps', 'status'),
  history: command(() => import('./commands/history.ts')),
  logs: command(() => import('./commands/logs.ts')),
  plan: command(() => import('./commands/plan.ts')),
  reload: command(
    () => import('./commands/reload.ts'),
    'startOrReload',
    'startOrGracefulReload',
    'gracefulReload',
  ),
  restart: command(() => import('./commands/restart.ts'), 'startOrRestart'),
  rollback: command(() => import('./commands/rollback.ts')),
  resurrect: command(() => import('./commands/resurrect.ts')),
  'rollout:pause': command(() => import('./commands/rollout/pause.ts')),
  'rollout:resume': command(() => import('./commands/rollout/resume.ts')),
  'rollout:status': command(() => import('./commands/rollout/status.ts')),
  save: command(() => import('./commands/save.ts'), 'dump'),
  scale: command(() => import('./commands/scale.ts')),
  schema: command(() => import('./commands/schema.ts')),
  send: command(() => import('./commands/send.ts')),
  start: command(() => import('./commands/start.ts')),
  startup: command(() => import('./commands/startup.ts')),
  stop: command(() => import('./commands/stop.ts')),
  unstartup: command(() => import('./commands/unstartup.ts')),
  validate: command(() => import('./commands/validate.ts')),
  version: command(() => import('./commands/version.ts')),
  why: command(() => import('./commands/why.ts')),
};
