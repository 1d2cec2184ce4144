import type { ReceiverInfo } from '../../../api/contract/wire/notify/receivers.ts';
import { formatSpan } from '../../../lib/units.ts';
import type { Rule } from '../../../notify/model/receiver.ts';
import { count, formatAge } from '../text/quantities.ts';
import { renderTable, type Cell } from '../text/table.ts';
import { escapeControls } from '../text/text.ts';
import { receiverStateCell, waitingOf, type ReceiverViewOptions } from './list.ts';

/** Everything about one receiver: where it is, what it is told, what is open, what was sent. */
export function renderReceiver(receiver: ReceiverInfo, options: ReceiverViewOptions): string {
  const { style, nowMs } = options;
  const { spec, declared, status } = receiver;
  const { failing, sending, counts } = status;
  const ago = (at: string): string => `${formatAge(nowMs - Date.parse(at))} ago`;
  const row = (label: string, text: string): readonly Cell[] => [{ text: label }, { text: plain(text) }];
  const head = renderTable(null, [
    [{ text: 'Name:' }, { text: receiver.name, paint: style.bold }],
    [{ text: 'State:' }, receiverStateCell(status.state, style)],
    ...(failing === null
      ? []
      : [
          row(
            '',
            `${failing.message} (${count(failing.attempts, 'try', 'tries')}, since ${ago(failing.since)})`,
          ),
          row('', failing.hint),
        ]),
    ...(status.unwritten === undefined ? [] : [row('', status.unwritten)]),
    row('Kind:', receiver.kind),
    row('Target:', receiver.target),
    ...spec.rules.map((rule, index) => row(index === 0 ? 'Told:' : '', ruleText(rule))),
    row('Repeat:', spec.repeatMs === null ? 'never' : `after ${formatSpan(spec.repeatMs)}`),
    row(
      'Limit:',
      `${count(spec.limit, 'message')} an hour; what comes within ${formatSpan(spec.groupMs)} is one`,
    ),
    row('Declared:', `by ${declared.by}, ${ago(declared.at)} (${declared.command})`),
    row(
      'Delivered:',
      `${count(counts.delivered, 'message')}; given up: ${counts.givenUp}; events left out: ${counts.leftOut}`,
    ),
    row('Waiting:', String(waitingOf(status))),
    ...(sending === null
      ? []
      : [
          row(
            'Sending:',
            `${sending.title} (${count(sending.attempts, 'try', 'tries')}; next in ${formatSpan(Math.max(0, Date.parse(sending.nextAt) - nowMs))})`,
          ),
        ]),
  ]);
  const open =
    status.open.length === 0
      ? ''
      : `\nOpen (told, and not over):\n${indented(
          renderTable(
            ['SINCE', 'AGAIN', 'WHAT', 'MESSAGE'],
            status.open.map(({ since, count: again, title, message }) => [
              { text: ago(since) },
              { text: String(again) },
              { text: plain(title) },
              { text: plain(message) },
            ]),
          ),
        )}`;
  return `${head}${open}${receiver.history.length === 0 ? '' : `\nSent:\n${indented(renderSent(receiver, options))}`}`;
}

/** What it was told, the newest first. */
export function renderSent({ history }: ReceiverInfo, { style, nowMs }: ReceiverViewOptions): string {
  if (history.length === 0) return '';
  return renderTable(
    ['AGE', 'OUTCOME', 'TRIES', 'ITEMS', 'LEFT OUT', 'TITLE', 'ANSWER'],
    history.map(({ at, outcome, attempts, items, leftOut, title, message }) => [
      { text: formatAge(nowMs - Date.parse(at)) },
      { text: outcome, paint: outcome === 'delivered' ? style.green : style.red },
      { text: String(attempts) },
      { text: String(items) },
      { text: String(leftOut) },
      { text: plain(title) },
      { text: plain(message) },
    ]),
  );
}

function ruleText({ reasons, severity, projects, apps, labels, sources }: Rule): string {
  const list = (name: string, values: readonly string[] | null): readonly string[] =>
    values === null ? [] : [`${name} ${values.join(', ')}`];
  const parts = [
    reasons === null ? 'what is wrong, and when it is over' : reasons.join(', '),
    ...(severity === 'info' ? [] : [`${severity} or worse`]),
    ...list('projects', projects),
    ...list('apps', apps),
    ...list(
      'labels',
      labels === null ? null : Object.entries(labels).map(([name, value]) => `${name}=${value}`),
    ),
    ...list('sources', sources),
  ];
  return parts.join('; ');
}

function plain(text: string): string {
  return escapeControls(text.split('\n')[0] ?? '', false);
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}
