import type { App, InstanceStatus, RolloutInfo } from '../../../api/contract/wire/apps.ts';
import { formatAge } from '../../views/text/quantities.ts';
import { escapeControls } from '../../views/text/text.ts';
import { uptimeCell } from '../../views/apps/cells.ts';
import type { MonitState } from '../model/state.ts';
import { cell, type Look } from './paint.ts';

const BAR_COLUMNS = 30;

/** The rollout of an app, slot by slot, as it goes. */
export function rolloutLines(state: MonitState, key: string, { style }: Look): readonly string[] {
  const app = state.apps.get(key as never);
  if (app === undefined) return [style.dim('  it is not declared any more')];
  const { rollout } = app.status;
  const head =
    rollout == null
      ? [style.dim('  there was no rollout yet; this is what runs')]
      : summary(rollout, state.nowMs, style);
  return [
    ...head,
    '',
    style.dim(
      `  ${cell('SLOT', 5)} ${cell('REVISION', 9)} ${cell('PID', 8)} ${cell('STATE', 10)} ${cell('READY', 6)} ${cell('UPTIME', 7)}`,
    ),
    ...app.status.instances.map((instance) => slotLine(instance, app, state.nowMs, style)),
    '',
    ...app.status.holds.map(
      ({ slot, message, reason }) =>
        `  ${style.yellow('waits')} ${slot === null ? '' : `slot ${slot}: `}${escapeControls(message, false)} ${style.dim(`(${reason})`)}`,
    ),
    ...(rollout?.logLines ?? []).map(
      ({ stream, line }) => `  ${style.red(stream)} │ ${escapeControls(line, false)}`,
    ),
  ];
}

function summary(rollout: RolloutInfo, nowMs: number, style: Look['style']): readonly string[] {
  const { updatedInstances, totalInstances, startedAt, endedAt, pausedBy, message } = rollout;
  const part = totalInstances === 0 ? 0 : updatedInstances / totalInstances;
  const filled = Math.round(part * BAR_COLUMNS);
  const paint = paintOf(rollout, style);
  const at = endedAt ?? startedAt;
  const when =
    at === null
      ? ''
      : style.dim(`, ${endedAt === null ? 'begun' : 'ended'} ${formatAge(nowMs - Date.parse(at))} ago`);
  return [
    `  ${paint('█'.repeat(filled))}${style.dim('░'.repeat(BAR_COLUMNS - filled))}  ${updatedInstances} of ${totalInstances} on revision ${rollout.revision}`,
    `  ${paint(rollout.state)}${pausedBy === null ? '' : ` by ${escapeControls(pausedBy, false)}`}${when}`,
    ...(message === null ? [] : [`  ${style.red('why')} ${escapeControls(message, false)}`]),
  ];
}

function paintOf({ state }: RolloutInfo, style: Look['style']): (text: string) => string {
  if (state === 'succeeded') return style.green;
  return state === 'failed' ? style.red : state === 'superseded' ? style.dim : style.yellow;
}

/** The new version is marked, and so is what leaves. */
function slotLine(instance: InstanceStatus, { status }: App, nowMs: number, style: Look['style']): string {
  const { slot, revision, pid, state, ready } = instance;
  const isNew = revision !== undefined && revision === (status.rollout?.revision ?? status.revision);
  const sign = state === 'stopping' ? '↓' : isNew ? (ready ? '✓' : '↑') : ' ';
  const paint = state === 'stopping' ? style.dim : isNew ? (ready ? style.green : style.yellow) : String;
  const cells = [
    cell(String(slot), 5),
    cell(String(revision ?? '-'), 9),
    cell(String(pid ?? '-'), 8),
    cell(state, 10),
    cell(ready ? 'yes' : 'no', 6),
    cell(uptimeCell([instance], nowMs).text, 7),
  ];
  return `${paint(sign)} ${paint(cells.join(' '))}`;
}
