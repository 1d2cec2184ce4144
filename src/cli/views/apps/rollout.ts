import type { App, RolloutInfo } from '../../../api/contract/wire/apps.ts';
import type { AppKey } from '../../../lib/app-key.ts';
import { appKey } from '../../../lib/app-key.ts';
import type { Style } from '../text/terminal.ts';
import { formatAge } from '../text/quantities.ts';
import { renderOutputLine } from './log-line.ts';
import { renderTable } from '../text/table.ts';
import type { Cell } from '../text/table.ts';
import { escapeControls } from '../text/text.ts';

/** One rollout with the app that it is of, as `rollout status -o json` has it. */
export interface AppRollout extends RolloutInfo {
  readonly app: AppKey;
}

export interface RolloutViewOptions {
  readonly style: Style;
  /** Epoch milliseconds, for ages. */
  readonly nowMs: number;
}

/** The rollouts of apps that have, or had, one. */
export function rolloutsOf(apps: readonly App[]): readonly AppRollout[] {
  return apps.flatMap(({ project, name, status: { rollout } }) =>
    rollout === undefined || rollout === null ? [] : [{ app: appKey(project, name), ...rollout }],
  );
}

/** The table of `rollout status`: one line an app. */
export function renderRollouts(rollouts: readonly AppRollout[], options: RolloutViewOptions): string {
  if (rollouts.length === 0) return '';
  return renderTable(
    ['APP', 'STATE', 'REVISION', 'UPDATED', 'SINCE', 'PAUSED BY', 'FAILURE'],
    rollouts.map((rollout) => [
      { text: rollout.app, paint: options.style.bold },
      stateCell(rollout, options.style),
      { text: String(rollout.revision) },
      { text: `${rollout.updatedInstances}/${rollout.totalInstances}` },
      { text: sinceText(rollout, options.nowMs) },
      { text: rollout.pausedBy ?? '-' },
      { text: rollout.message === null ? '-' : escapeControls(rollout.message, false) },
    ]),
  );
}

/** The same of one app, below each other. */
export function renderRollout(rollout: RolloutInfo, { style, nowMs }: RolloutViewOptions): string {
  const time = (at: string): string => `${at} (${formatAge(nowMs - Date.parse(at))} ago)`;
  const { message, pausedBy, startedAt, endedAt, logLines = [] } = rollout;
  const rows: (readonly [string, Cell])[] = [
    ['State:', stateCell(rollout, style)],
    ['Revision:', { text: String(rollout.revision) }],
    ['Updated:', { text: `${rollout.updatedInstances} of ${rollout.totalInstances}` }],
    ...(startedAt === null ? [] : [['Started:', { text: time(startedAt) }] as const]),
    ...(endedAt === null ? [] : [['Ended:', { text: time(endedAt) }] as const]),
    ...(pausedBy === null ? [] : [['Paused by:', { text: pausedBy }] as const]),
    ...(message === null ? [] : [['Failure:', { text: escapeControls(message, false) }] as const]),
    ...logLines.map(
      (line, index) => [index === 0 ? 'Output:' : '', { text: renderOutputLine(line) }] as const,
    ),
  ];
  return renderTable(
    null,
    rows.map(([label, cell]) => [{ text: label }, cell]),
  );
}

function sinceText({ startedAt, endedAt }: RolloutInfo, nowMs: number): string {
  const at = endedAt ?? startedAt;
  return at === null ? '-' : `${formatAge(nowMs - Date.parse(at))} ago`;
}

function stateCell({ state }: RolloutInfo, style: Style): Cell {
  switch (state) {
    case 'succeeded':
      return { text: state, paint: style.green };
    case 'failed':
      return { text: state, paint: style.red };
    case 'progressing':
    case 'paused':
      return { text: state, paint: style.yellow };
    default:
      return { text: state, paint: style.dim };
  }
}
