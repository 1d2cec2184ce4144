import type { LimitsOutcome } from '../cgroup/cgroup.ts';
import type { Channel } from '../channel/channel.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { IdentityWatch } from '../processes/identity-watch.ts';
import type { InstanceOutput } from '../output/instance-output.ts';
import { TAIL_LINES } from '../output/output-tail.ts';
import type { LedgerEntry, LedgerRecord } from '../ledger/ledger-record.ts';
import type { ProcessEntry, ProcessIdentity } from '../processes/processes.ts';
import type {
  BackgroundSettings,
  InstanceLabels,
  LeftoversPolicy,
  LogSettings,
  SpawnSpec,
  StopSpec,
} from '../protocol/orders.ts';
import type { InstanceNotify, RunnerExit, TailLine } from '../protocol/reports.ts';
import type { BackgroundProcess } from './background.ts';
import type { StopSequence } from './stop-sequence.ts';
import type { NotifyPlace } from '../notify/notify-place.ts';
import type { TuningOutcome } from '../tuning/outcome.ts';
import { reloadOnRecord, type ReloadState } from '../errands/reload-state.ts';
import { unreachable } from '../../lib/unreachable.ts';

/**
 *   starting ──▶ running ──▶ stopping ──▶ exited          starting ──spawn failed, or stop asked──▶ exited
 *                   └────────────────────────▲             running ──ends by itself──▶ exited
 *                                            └─────────── or stopping, while what it has left behind ends
 *   unverified ──gone──▶ exited              │
 */
export type Phase =
  /** `stop`: asked for before there was a process. */
  | { readonly state: 'starting'; readonly stop: StopSpec | null }
  | { readonly state: 'running'; readonly process: LiveProcess }
  | {
      readonly state: 'stopping';
      readonly process: LiveProcess;
      readonly stop: StopSequence;
      /** Of a process that has ended by itself: what it has left behind. Null: it was asked to stop. */
      readonly leftBehind: readonly ProcessEntry[] | null;
    }
  | { readonly state: 'exited'; readonly exit: RunnerExit }
  | { readonly state: 'unverified'; readonly process: LiveProcess };

export interface LiveProcess {
  readonly identity: ProcessIdentity;
  /** For a process that is not our child. */
  readonly watch: IdentityWatch | null;
}

/**
 * Whether all is here that an earlier runner had of a process besides its output: its channel, and its sockets.
 *
 *   awaited ──its agent has handed over all──▶ complete
 *      └──time over──▶ missing ──its agent comes after all──▲
 */
export type Handover = 'complete' | 'awaited' | 'missing';

/** The sockets that a process was started with. */
export interface Activation {
  /** Where they listen, in the order of its descriptors. */
  readonly addresses: readonly string[];
  /** An earlier runner had them, and nobody has handed them over: no other process can be given them. */
  lost: boolean;
}

/** One line of the process table; only the table changes it. */
export interface Instance {
  readonly nonce: string;
  labels: InstanceLabels;
  logs: LogSettings;
  /** Name of its set of FIFOs; empty until it has one. */
  io: string;
  readonly adopted: boolean;
  /** It was found by its mark: the ledger did not know it. */
  readonly byMark: boolean;
  /** It runs as another user than the runner. */
  otherUser: boolean;
  /** Epoch milliseconds. */
  startedAt: number;
  /** The same instant on the monotonic clock. */
  startedMonotonic: number;
  output: InstanceOutput | null;
  phase: Phase;
  /** It has said that it is ready. */
  ready: boolean;
  channel: Channel | null;
  /** It was started with a channel. */
  readonly ipc: boolean;
  handover: Handover;
  /** The shared sockets that it listens on, in order; null: it shares none. */
  listening: readonly string[] | null;
  /** The sockets that it was started with; null: none. */
  activation: Activation | null;
  /** Null: it has no limits. */
  limits: LimitsOutcome | null;
  /** Null: its processes have what the runner has. */
  tuning: TuningOutcome | null;
  /** Where it says how it is, and what it has said; null: nowhere. */
  notify: { readonly place: NotifyPlace; readonly said: InstanceNotify } | null;
  /** What does not hold, by code; what its output has to say of log files is not among them. */
  readonly problems: Map<string, string>;
  /** Null: whoever started it has not said. */
  leftovers: LeftoversPolicy | null;
  background: BackgroundSettings | null;
  /** What it has become in the background; null: the process that was started is the instance. */
  inBackground: BackgroundProcess | null;
  /** Of one that has exited: what of it lives on and cannot be ended. */
  remains: readonly ProcessEntry[];
  /** What it wrote last before another runner took over, where that one was told; null: nobody knows. */
  linesBefore: readonly TailLine[] | null;
  /** Null: it was never asked to read its settings again. */
  reload: ReloadState | null;
}

/** An instance that has no process yet. */
export function newInstance(spec: SpawnSpec, clock: Clock): Instance {
  const { nonce, labels, logs, ipc, shared, leftovers = null, background = null } = spec;
  return {
    nonce,
    labels,
    logs,
    io: '',
    adopted: false,
    byMark: false,
    otherUser: false,
    startedAt: clock.now(),
    startedMonotonic: clock.monotonic(),
    output: null,
    phase: { state: 'starting', stop: null },
    ready: false,
    channel: null,
    ipc: ipc === true,
    handover: 'complete',
    listening: ipc === true && shared === true ? [] : null,
    activation: null,
    limits: null,
    tuning: null,
    notify: null,
    problems: new Map(),
    leftovers,
    background,
    inBackground: null,
    remains: [],
    linesBefore: null,
    reload: null,
  };
}

/** The app of an instance: `project/name`. */
export function appOf({ labels }: Pick<Instance, 'labels'>): string {
  return `${labels.project}/${labels.app}`;
}

export function processOf({ phase }: Instance): LiveProcess | null {
  switch (phase.state) {
    case 'running':
    case 'stopping':
    case 'unverified':
      return phase.process;
    case 'starting':
    case 'exited':
      return null;
    default:
      return unreachable(phase);
  }
}

export function upMs(instance: Instance, clock: Clock): number {
  return Math.max(0, Math.round(clock.monotonic() - instance.startedMonotonic));
}

/** The line as a later runner needs it. */
export function ledgerEntry(instance: Instance, clock: Clock): LedgerEntry {
  const { nonce, labels, logs, io, startedAt, phase, ready, limits, ipc, listening, leftovers } = instance;
  const { activation, tuning } = instance;
  const identity = processOf(instance)?.identity ?? null;
  const exit = phase.state === 'exited' ? phase.exit : null;
  return {
    nonce,
    labels,
    logs,
    io,
    at: startedAt,
    process: identity,
    exit,
    ready,
    limits,
    ipc,
    listening,
    leftovers,
    ...(activation !== null && { sockets: activation.addresses }),
    byFile: instance.inBackground?.byFile ?? false,
    tuning,
    notify: instance.notify?.place ?? null,
    reload: reloadOnRecord(instance.reload, clock),
  };
}

/** The process group of an instance, where it is known to be its own. */
export function groupOf(instance: Instance): number | null {
  const { inBackground, adopted } = instance;
  if (inBackground !== null) return inBackground.group;
  return adopted ? null : (processOf(instance)?.identity.pid ?? null);
}

/** What it has written last; null: an earlier runner may have read all of it. */
export function lastLinesOf(instance: Instance): readonly TailLine[] | null {
  const { output, adopted, phase, linesBefore } = instance;
  const lines = [...(linesBefore ?? []), ...(output?.lastLines() ?? [])].slice(-TAIL_LINES);
  const isRestored = output === null && phase.state === 'exited' && phase.exit.error === null;
  return lines.length === 0 && linesBefore === null && (adopted || isRestored) ? null : lines;
}

/** The stop that was asked for before there was a process. */
export function stopAsked({ phase }: Instance): StopSpec | null {
  return phase.state === 'starting' ? phase.stop : null;
}

/** To be written down before the process is started. */
export function intentOf({
  nonce,
  labels,
  logs,
  io,
  startedAt: at,
  ipc,
  listening,
  leftovers,
  activation,
}: Instance): Extract<LedgerRecord, { kind: 'intent' }> {
  const shared = { ...(ipc && { ipc }), ...(listening !== null && { shared: true }) };
  return {
    ...{ kind: 'intent', nonce, labels, logs, io, at, ...shared },
    ...(leftovers !== null && { leftovers }),
    ...(activation !== null && { sockets: activation.addresses }),
  };
}
