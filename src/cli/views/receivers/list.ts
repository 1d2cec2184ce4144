import type { ReceiverInfo, ReceiverState } from '../../../api/contract/wire/notify/receivers.ts';
import { formatAge } from '../text/quantities.ts';
import { renderTable, type Cell } from '../text/table.ts';
import type { Style } from '../text/terminal.ts';
import { escapeControls } from '../text/text.ts';

export interface ReceiverViewOptions {
  readonly style: Style;
  /** Epoch milliseconds, for ages. */
  readonly nowMs: number;
}

/** The table of `notify list`: one line a receiver. */
export function renderReceivers(
  receivers: readonly ReceiverInfo[],
  { style, nowMs }: ReceiverViewOptions,
  wide: boolean,
): string {
  if (receivers.length === 0) return '';
  return renderTable(
    [
      ...['NAME', 'KIND', 'STATE', 'OPEN', 'WAITING', 'DELIVERED', 'LAST'],
      ...(wide ? ['GIVEN UP', 'LEFT OUT', 'TARGET'] : []),
      'MESSAGE',
    ],
    receivers.map(({ name, kind, target, status, history }) => {
      const last = history.find(({ outcome }) => outcome === 'delivered');
      return [
        { text: name, paint: style.bold },
        { text: kind },
        receiverStateCell(status.state, style),
        { text: String(status.open.length) },
        { text: String(waitingOf(status)) },
        { text: String(status.counts.delivered) },
        { text: last === undefined ? '-' : formatAge(nowMs - Date.parse(last.at)) },
        ...(wide
          ? [
              { text: String(status.counts.givenUp) },
              { text: String(status.counts.leftOut) },
              { text: escapeControls(target, false) },
            ]
          : []),
        { text: escapeControls(status.failing?.message ?? status.unwritten ?? '-', false) },
      ];
    }),
  );
}

/** Things and messages that it is still to be told. */
export function waitingOf({ waiting, sending, leftOut }: ReceiverInfo['status']): number {
  return waiting + leftOut + (sending === null ? 0 : 1);
}

export function receiverStateCell(state: ReceiverState, style: Style): Cell {
  const paints: Partial<Record<ReceiverState, Cell['paint']>> = { Idle: style.green, Failing: style.red };
  return { text: state, paint: paints[state] ?? style.yellow };
}
