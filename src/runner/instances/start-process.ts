import type { ActivationSockets } from '../activation/activation-sockets.ts';
import type { Cgroups } from '../cgroup/cgroup.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { LedgerRecord } from '../ledger/ledger-record.ts';
import type { FifoPool } from '../output/fifo-pool.ts';
import type { OutputContext } from '../output/instance-output.ts';
import { MARK_VARIABLE } from '../processes/nonce.ts';
import type { RunnerExit } from '../protocol/reports.ts';
import { failureOfStart } from '../spawn/limits-hint.ts';
import type { SpawnSpec, Tuning } from '../protocol/orders.ts';
import type { NotifyListener } from '../notify/notify-listener.ts';
import type { Grants } from '../tuning/grants.ts';
import { launchCommand, type HostContext } from '../spawn/launch-command.ts';
import { spawnProcess, type SpawnedProcess, type SpawnPlace } from '../spawn/spawn-process.ts';
import { intentOf, stopAsked, type Instance } from './instance.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';

export interface StartContext {
  readonly clock: Clock;
  readonly output: OutputContext;
  readonly pool: FifoPool;
  readonly host: HostContext;
  readonly cgroups: Cgroups;
  readonly grants: Grants;
  readonly notify: NotifyListener;
  /** What the process is to carry, so that a later runner that finds it knows what it is. */
  readonly mark: (instance: Instance) => string;
  readonly record: (record: LedgerRecord, durable: boolean) => Promise<void>;
  readonly activation: ActivationSockets;
}

/**
 * Starts the process of an instance, once it is on the disk that it will be started. Null: it was asked to stop before.
 * Throws an Error whose message says, for a person, why it cannot be started.
 */
export async function startProcess(
  instance: Instance,
  spec: SpawnSpec,
  context: StartContext,
): Promise<SpawnedProcess | null> {
  if (spec.unresolved !== undefined) throw new Error(spec.unresolved);
  instance.io = await context.pool.take();
  failpoint('start.intent');
  const sockets = spec.sockets === undefined ? [] : await context.activation.take(instance, spec.sockets);
  const tuning = await tuningOf(instance, spec, context);
  const marked = { ...spec, tuning, env: { ...spec.env, [MARK_VARIABLE]: context.mark(instance) } };
  const [command] = await Promise.all([
    launchCommand(marked, context.host),
    context.record(intentOf(instance), true),
  ]);
  failpoint('start.intended');
  instance.otherUser = command.user !== null;
  if (command.notify !== null) await context.notify.listen(instance, command.notify);
  if (stopAsked(instance) !== null) return null;
  const fds = sockets.map(({ fd }) => fd);
  return spawnProcess(command, { ...placeOf(instance, spec, context), sockets: fds }, spec.file);
}

/** What it is to have beside its cgroup, as far as it is granted. */
async function tuningOf(
  instance: Instance,
  { tuning: asked = {} }: SpawnSpec,
  { grants }: StartContext,
): Promise<Tuning> {
  if (Object.keys(asked).length === 0) return asked;
  const { tuning, unmet } = await grants.of(asked);
  instance.tuning = { asked, unmet };
  return tuning;
}

function placeOf(
  instance: Instance,
  { nonce, limits, labels }: SpawnSpec,
  { clock, output, cgroups }: StartContext,
): Omit<SpawnPlace, 'sockets'> {
  return {
    clock,
    folder: output.folder,
    io: instance.io,
    name: `${labels.project}/${labels.app}:${labels.slot}`,
    within: (start) => {
      if (limits === undefined || limits === null) return start();
      const { started, outcome } = cgroups.start({ nonce, limits }, start);
      instance.limits = outcome;
      return started;
    },
  };
}

/** The exit of one that has no process; `cause` null: it was asked to stop before. */
export function exitOfFailedStart(instance: Instance, cause: unknown, at: number): RunnerExit {
  const requested = stopAsked(instance) !== null;
  const ended = { code: null, signal: null, at, upMs: 0, requested, killed: false };
  return { ...ended, ...failureOfStart(cause) };
}
