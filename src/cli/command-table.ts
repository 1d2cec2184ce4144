import Apply from './commands/apply.ts';
import DaemonRun from './commands/daemon/run.ts';
import DaemonStart from './commands/daemon/start.ts';
import DaemonStatus from './commands/daemon/status.ts';
import DaemonStop from './commands/daemon/stop.ts';
import Delete from './commands/delete.ts';
import Describe from './commands/describe.ts';
import Diff from './commands/diff.ts';
import Doctor from './commands/doctor.ts';
import Events from './commands/events.ts';
import Explain from './commands/explain.ts';
import Get from './commands/get.ts';
import History from './commands/history.ts';
import Logs from './commands/logs.ts';
import Plan from './commands/plan.ts';
import Restart from './commands/restart.ts';
import Scale from './commands/scale.ts';
import Schema from './commands/schema.ts';
import Start from './commands/start.ts';
import Stop from './commands/stop.ts';
import Validate from './commands/validate.ts';
import Version from './commands/version.ts';
import type { CommandTable } from './oclif-config.ts';

/** Every command there is. Nothing is looked for on disk. */
export const COMMANDS: CommandTable = {
  apply: Apply,
  'daemon:run': DaemonRun,
  'daemon:start': DaemonStart,
  'daemon:status': DaemonStatus,
  'daemon:stop': DaemonStop,
  delete: Delete,
  describe: Describe,
  diff: Diff,
  doctor: Doctor,
  events: Events,
  explain: Explain,
  get: Get,
  history: History,
  logs: Logs,
  plan: Plan,
  restart: Restart,
  scale: Scale,
  schema: Schema,
  start: Start,
  stop: Stop,
  validate: Validate,
  version: Version,
};
