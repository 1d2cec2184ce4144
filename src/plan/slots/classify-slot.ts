import type { DesiredApp } from '../model/desired.ts';
import type { ObservedInstance, SlotHistory } from '../model/observed.ts';
import { startable } from './effective.ts';
import { keep, pick } from './keep.ts';
import { measure } from './occupant.ts';
import { isActive, hasEnded } from './readiness.ts';
import { afterExit, afterUnfit, startsAfresh, type NextStart } from './restart-policy.ts';
import { isScheduled } from './schedule.ts';
import { withExits } from './slot-history.ts';
import { isOlder, type Slot } from './slot.ts';
import { unfitnessOf } from './unfit.ts';

export interface SlotContext {
  readonly app: DesiredApp;
  readonly now: number;
  readonly wanted: boolean;
  readonly recorded: SlotHistory | undefined;
  /** Whether a process is not to be replaced. */
  readonly isDeclared: (instance: ObservedInstance) => boolean;
}

export function classifySlot(
  slot: number,
  instances: readonly ObservedInstance[],
  { app, now, wanted, recorded, isDeclared }: SlotContext,
): Slot {
  const exited = pick(instances, hasEnded);
  const history = exited.length === 0 ? recorded : withExits(recorded, exited, app);
  const kept = keep(pick(instances, isActive), app, isDeclared);
  const { surplus } = kept;
  const stopping = pick(instances, ({ state }) => state === 'stopping');
  const unverified = pick(instances, ({ state }) => state === 'unverified');
  // Each spelled out: spreading what is common to all would make planning a large host slower by a sixth.
  if (!wanted) {
    const all = [kept.declared, kept.outdated, ...surplus].filter((it) => it !== null);
    return { slot, surplus: all, stopping, unverified, exited, recorded, history, holds: 'unwanted' };
  }
  const declared = kept.declared === null ? null : measure(kept.declared, app);
  const outdated = kept.outdated === null ? null : measure(kept.outdated, app);
  if (declared !== null && outdated !== null) {
    return {
      slot,
      surplus,
      stopping,
      unverified,
      exited,
      recorded,
      history,
      holds: 'pair',
      declared,
      outdated,
    };
  }
  if (declared !== null) {
    return { slot, surplus, stopping, unverified, exited, recorded, history, holds: 'declared', declared };
  }
  if (outdated !== null) {
    const successor = successorOf(outdated.instance, { exited, history, app, now });
    return {
      slot,
      surplus,
      stopping,
      unverified,
      exited,
      recorded,
      history,
      holds: 'outdated',
      outdated,
      successor,
    };
  }
  const next = nextStart({ exited, history, app: startable(app), now });
  return { slot, surplus, stopping, unverified, exited, recorded, history, holds: 'nothing', next };
}

interface Ended {
  readonly exited: readonly ObservedInstance[];
  readonly history: SlotHistory | undefined;
  readonly app: DesiredApp;
  readonly now: number;
}

function successorOf(outdated: ObservedInstance, ended: Ended): NextStart {
  const { app, now } = ended;
  const history = isOlder(ended.history, outdated) ? undefined : ended.history;
  const next = nextStart({ ...ended, history });
  const unfit = unfitnessOf(outdated, app);
  if (unfit === undefined || next.kind !== 'now') return next;
  return afterUnfit(ended.history, outdated, { app, unfit, now });
}

function nextStart({ exited, history, app, now }: Ended): NextStart {
  if (isScheduled(app.spec)) return { kind: 'now', reason: app.lastRestart?.reason ?? 'ScheduledRun' };
  const last = exited.find(({ nonce }) => nonce === history?.lastNonce);
  // The table still knows which template the process ran; the history does not.
  if (last !== undefined && startsAfresh(history, app) && last.templateHash !== app.templateHash) {
    return { kind: 'now', reason: 'TemplateChanged' };
  }
  return afterExit(history, app, now);
}
