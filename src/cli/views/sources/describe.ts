import { shortCommit } from '../../../lib/commit-hash.ts';
import type { SourceCondition, SourceInfo } from '../../../api/contract/wire/sources/sources.ts';
import { formatSpan } from '../../../lib/units.ts';
import { renderFailures } from '../failure.ts';
import { formatAge } from '../text/quantities.ts';
import { renderTable, type Cell } from '../text/table.ts';
import { escapeControls } from '../text/text.ts';
import { shortOf, stateCell, type SourceViewOptions } from './list.ts';

/** Everything about one source: where it is, how far each stage is, what is bad and what happened. */
export function renderSource(source: SourceInfo, options: SourceViewOptions): string {
  const { style, nowMs } = options;
  const { status, spec, declared } = source;
  const ago = (at: string): string => `${formatAge(nowMs - Date.parse(at))} ago`;
  const row = (label: string, text: string): readonly Cell[] => [{ text: label }, { text: plain(text) }];
  const head = renderTable(null, [
    [{ text: 'Name:' }, { text: source.name, paint: style.bold }],
    [{ text: 'State:' }, stateCell(status.state, style)],
    ...(status.message === null ? [] : [row('', status.message)]),
    row('Origin:', source.origin),
    ...(spec.environment === null ? [] : [row('Environment:', spec.environment)]),
    row('Sync:', syncText(source)),
    row('Declared:', `by ${declared.by}, ${ago(declared.at)} (${declared.command})`),
    ...(status.suspended === null
      ? []
      : [
          row(
            'Suspended:',
            `by ${status.suspended.by}, ${ago(status.suspended.at)}${status.suspended.reason === null ? '' : `: ${status.suspended.reason}`}`,
          ),
        ]),
    ...(status.projects.length === 0 ? [] : [row('Projects:', status.projects.join(', '))]),
    ...(status.webhookProblem === undefined ? [] : [row('Webhook:', status.webhookProblem)]),
    row('Head:', versionText(status.head)),
    row('Attempted:', versionText(status.attempted)),
    row(
      'Applied:',
      status.applied === null
        ? '-'
        : `${shortOf(status.applied)}, ${ago(status.applied.at)}: ${status.applied.outcome}${revisionsText(status.applied.revisions)}`,
    ),
    row(
      'Last good:',
      status.lastGood === null
        ? '-'
        : `${shortOf(status.lastGood)}, ${ago(status.lastGood.at)}${revisionsText(status.lastGood.revisions)}`,
    ),
    ...(status.waitsFor === null
      ? []
      : [
          row(
            'Waits:',
            `${status.waitsFor.message}${status.waitsFor.until === null ? '' : `; looked at again in ${formatSpan(Math.max(0, Date.parse(status.waitsFor.until) - nowMs))}`}`,
          ),
        ]),
  ]);
  return [
    head,
    '\nStages:\n',
    indented(
      renderTable(
        ['STAGE', 'STATUS', 'VERSION', 'SINCE', 'REASON', 'MESSAGE'],
        status.conditions.map((condition) => [
          { text: condition.type },
          statusCell(condition, options),
          { text: condition.version === null ? '-' : shortCommit(condition.version) },
          { text: ago(condition.lastTransitionTime) },
          { text: condition.reason },
          { text: plain(condition.message) },
        ]),
      ),
    ),
    ...status.conditions.flatMap(({ failures }) =>
      failures === undefined ? [] : ['\n', renderFailures(failures, style)],
    ),
    ...(status.quarantined.length === 0
      ? []
      : [
          '\nQuarantined (not tried again by themselves):\n',
          indented(
            renderTable(
              ['VERSION', 'STAGE', 'SINCE', 'WHY'],
              status.quarantined.map(({ version, stage, at, message }) => [
                { text: shortCommit(version) },
                { text: stage },
                { text: ago(at) },
                { text: plain(message) },
              ]),
            ),
          ),
        ]),
  ].join('');
}

/** The table of `source history`: one line a try, the newest first. */
export function renderAttempts({ history }: SourceInfo, { style, nowMs }: SourceViewOptions): string {
  if (history.length === 0) return '';
  return renderTable(
    ['VERSION', 'OUTCOME', 'WHEN', 'TOOK', 'BY', 'REVISIONS', 'MESSAGE'],
    history.map((attempt) => {
      const { outcome, startedAt, endedAt } = attempt;
      const isBad = outcome === 'refused' || outcome === 'failed';
      const took = endedAt === null ? '-' : formatSpan(Date.parse(endedAt) - Date.parse(startedAt));
      return [
        { text: shortCommit(attempt.version), paint: style.bold },
        { text: outcome, paint: isBad ? style.red : outcome === 'good' ? style.green : style.yellow },
        { text: `${formatAge(nowMs - Date.parse(startedAt))} ago` },
        { text: took },
        { text: attempt.by },
        {
          text:
            Object.entries(attempt.revisions ?? {})
              .map(([project, revision]) => `${project} ${revision}`)
              .join(', ') || '-',
        },
        { text: plain([attempt.subject, attempt.message].filter((part) => part !== undefined).join(': ')) },
      ];
    }),
  );
}

function syncText({ sync, spec }: SourceInfo): string {
  const heals = spec.selfHeal === true ? ', heals itself' : '';
  return `${sync}${spec.prune ? '' : ', without prune'}${heals}`;
}

function statusCell({ status }: SourceCondition, { style }: SourceViewOptions): Cell {
  return {
    text: status,
    paint: status === 'True' ? style.green : status === 'False' ? style.red : style.yellow,
  };
}

function versionText(version: SourceInfo['status']['head']): string {
  if (version === null) return '-';
  const { subject, author } = version;
  return [shortOf(version), subject, author === undefined ? undefined : `(${author})`]
    .filter((part) => part !== undefined)
    .join(' ');
}

function revisionsText(revisions: Readonly<Record<string, number>>): string {
  const parts = Object.entries(revisions).map(([project, revision]) => `${project} revision ${revision}`);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function plain(text: string): string {
  return escapeControls(text.split('\n')[0] ?? '', false);
}

function indented(table: string): string {
  return table.replaceAll(/^(?=.)/gm, '  ');
}
