import type { BackgroundProcess } from '../instances/background.ts';
import type { Ending } from '../instances/background-rules.ts';
import { lastLinesOf, ledgerEntry, upMs, type Handover, type Instance } from '../instances/instance.ts';
import type { LedgerEntry } from '../ledger/ledger-record.ts';
import type { StopState } from '../instances/stop-options.ts';
import type { BackgroundSettings } from '../protocol/orders.ts';
import type { TailLine } from '../protocol/reports.ts';
import type { Clock } from '../../lib/clocks/clock.ts';

/** What a runner knows of an instance that is in no ledger, and that the next one goes on with. */
export interface InstanceState {
  readonly nonce: string;
  /** As the ledger has it, whatever the disk has taken. */
  readonly entry: LedgerEntry;
  /** On a clock that nobody sets. */
  readonly upMs: number;
  readonly otherUser: boolean;
  readonly ready: boolean;
  readonly handover: Handover;
  readonly problems: readonly (readonly [code: string, message: string])[];
  readonly background: BackgroundSettings | null;
  readonly inBackground: BackgroundProcess | null;
  /** A stop that is under way. */
  readonly stop: StopState | null;
  /** Its main process has ended, and what it has left behind has not; absent or null: it has not. */
  readonly ending: Ending | null;
  /** Of one that has exited: what it wrote last. */
  readonly lines: readonly TailLine[] | null;
}

export interface Underway {
  readonly stop: StopState | null;
  readonly ending: Ending | null;
}

export function stateOf(instance: Instance, clock: Clock, { stop, ending }: Underway): InstanceState {
  const { nonce, otherUser, ready, handover, problems, background, inBackground, phase } = instance;
  return {
    nonce,
    entry: ledgerEntry(instance, clock),
    upMs: upMs(instance, clock),
    otherUser,
    ready,
    handover,
    problems: [...problems],
    background,
    inBackground,
    stop,
    ending,
    lines: phase.state === 'exited' ? lastLinesOf(instance) : null,
  };
}

/** Puts in what the runner before knew. */
export function goOnFrom(instance: Instance, state: InstanceState, clock: Clock): void {
  instance.startedMonotonic = clock.monotonic() - state.upMs;
  instance.otherUser = state.otherUser;
  instance.ready ||= state.ready;
  instance.handover = state.handover;
  for (const [code, message] of state.problems) instance.problems.set(code, message);
  instance.background = state.background;
  instance.inBackground = state.inBackground;
  instance.linesBefore = state.lines;
}
