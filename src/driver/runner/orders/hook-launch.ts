import type { SpawnSpec } from '../../../runner/protocol/orders.ts';
import { hookOf } from '../../../spec/hooks/hooks.ts';
import type { HookOrder } from '../../driver.ts';
import { instanceLabels, limitsOf, surroundings, unresolvedOf, type LaunchContext } from './launch.ts';
import { tuningOf } from './tuning.ts';
import { logSettings } from './log-settings.ts';

/** In no slot: a controller that knows nothing of hooks ends what it finds there. */
const NO_SLOT = -1;

/**
 * The command of a hook as one process to start, beside the instances of its app: its user, folder, environment, ports,
 * limits and log files are those of an instance. null: the app has no such hook.
 */
export function hookSpec(order: HookOrder, context: LaunchContext): SpawnSpec | null {
  const { app, run, nonce, input, ports, secrets } = order;
  const [file, ...args] = hookOf(app.spec, run.name)?.command ?? [];
  if (file === undefined) return null;
  const slot = run.slot ?? 0;
  const { cwd, env, uid, gid } = surroundings({ app, slot, ports, secrets }, context);
  return {
    nonce,
    file,
    args,
    cwd,
    env: { ...withoutSlot(env, order), ...hookVariables(order) },
    uid,
    gid,
    labels: { ...instanceLabels({ app, slot: NO_SLOT, code: undefined }), restartGeneration: 0, hook: run },
    logs: logSettings(app, slot, context.logsDir),
    tuning: tuningOf(app.spec),
    leftovers: { mode: 'end', graceMs: app.spec.kill_timeout },
    ...limitsOf(app.spec),
    ...unresolvedOf(order),
    noteExit: true,
    ...(input === undefined ? { stdin: 'null' as const } : { input }),
    ...(app.spec.umask !== undefined && { umask: Number.parseInt(app.spec.umask, 8) }),
  };
}

/** What is about the whole app is of no slot. */
function withoutSlot(
  env: Readonly<Record<string, string>>,
  { app, run }: HookOrder,
): Readonly<Record<string, string>> {
  if (run.slot !== null) return env;
  const { STATEWARD_SLOT: _, [app.spec.instance_var]: __, ...rest } = env;
  return rest;
}

function hookVariables({ run, facts, app }: HookOrder): Readonly<Record<string, string>> {
  const { pid, exitCode = null, exitSignal = null } = facts;
  return {
    STATEWARD_HOOK: run.name,
    STATEWARD_REASON: run.reason,
    STATEWARD_REVISION: String(app.revision),
    ...(pid !== null && { STATEWARD_PID: String(pid) }),
    ...(exitCode !== null && { STATEWARD_EXIT_CODE: String(exitCode) }),
    ...(exitSignal !== null && { STATEWARD_EXIT_SIGNAL: exitSignal }),
  };
}
