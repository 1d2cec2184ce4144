import type { AppSpec } from '../../spec/types.ts';
import { isSuccess } from './exits.ts';
import type { DesiredApp } from '../model/desired.ts';
import type { InstanceExit, ObservedInstance, SlotHistory } from '../model/observed.ts';

/**
 * Scheduled jobs. A fact asks for a run by noting the generation of the request at a slot (`runs`); the first process of
 * that generation or a later one serves it. So a slot is wanted only from the request to the end of that process:
 * nothing but a request starts a job, and no request is served twice.
 *
 *   at rest ──run requested──▶ due ──started──▶ going ──ended──▶ at rest
 *                               ▲                 │ a newer run is requested: its process is replaced
 *                               └─────────────────┘
 */
export function isScheduled(spec: Pick<AppSpec, 'schedule'>): boolean {
  // A spec that an older version stored has no such key.
  return typeof spec.schedule === 'string';
}

type Runs = Pick<DesiredApp, 'runs'>;

/** The generation of the newest run that was asked for in a slot; 0: none. */
function requestedRun({ runs }: Runs, slot: number): number {
  return runs?.[String(slot)] ?? 0;
}

/** Whether this process is the one of the newest run of its slot. */
export function servesRun(
  { slot, generation }: Pick<ObservedInstance, 'slot' | 'generation'>,
  app: Runs,
): boolean {
  const run = requestedRun(app, slot);
  return run > 0 && generation >= run;
}

/** Whether a run was asked for in the slot and has not ended: it is going on, or is to be started. */
export function isRunOpen(app: Runs, slot: number, history: SlotHistory | undefined): boolean {
  return requestedRun(app, slot) > (history?.lastGeneration ?? 0);
}

/** Slots in which a run was ever asked for. */
export function slotsOfRuns({ runs }: Runs): readonly number[] {
  return Object.keys(runs ?? {}).map(Number);
}

/** How the last run of a scheduled app ended; `none` also after a stop, and when what it runs has changed since. */
export type LastRun = 'none' | 'succeeded' | 'failed';

export function lastRunOf(histories: readonly SlotHistory[], app: DesiredApp): LastRun {
  const [newest] = histories
    .filter(({ lastExit }) => lastExit !== null)
    .sort((a, b) => (b.lastExit?.at ?? 0) - (a.lastExit?.at ?? 0) || a.slot - b.slot);
  const exit = newest?.lastExit ?? null;
  if (newest === undefined || exit === null || newest.lastTemplateHash !== app.templateHash) return 'none';
  const outcome = outcomeOf(exit, app.spec);
  return outcome === 'stopped' ? 'none' : outcome;
}

/** How a run ended: `stopped` when stateward was asked to end it. */
export function outcomeOf(
  exit: InstanceExit,
  spec: Pick<AppSpec, 'success_exit_codes'>,
): 'succeeded' | 'failed' | 'stopped' {
  if (exit.requested) return 'stopped';
  return isSuccess(exit, spec) ? 'succeeded' : 'failed';
}
