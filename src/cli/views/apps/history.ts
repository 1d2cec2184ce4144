import type { RevisionInfo } from '../../../api/contract/wire/revisions.ts';
import type { AppKey } from '../../../lib/app-key.ts';
import { splitAppKey } from '../../../lib/app-key.ts';
import { shortCommit } from '../../../lib/commit-hash.ts';
import type { Style } from '../text/terminal.ts';
import { preStartText, renderHookRuns } from '../hooks/hook-runs.ts';
import { codeAndBranch, codeText } from './code-text.ts';
import { describeField } from '../plan/change-text.ts';
import { SYMBOLS } from '../plan/plan-human.ts';
import { formatAge } from '../text/quantities.ts';
import { renderTable } from '../text/table.ts';
import type { Cell } from '../text/table.ts';
import { escapeControls } from '../text/text.ts';

const HASH_SHOWN = 12;
/** More commits, or releases, than these are counted. */
const NAMES_SHOWN = 2;
/** More changes than these are counted. */
const CHANGES_SHOWN = 3;

export interface HistoryOptions {
  readonly style: Style;
  /** Epoch milliseconds, for ages. */
  readonly nowMs: number;
  /** With every change, why a rollout failed, and the hash. */
  readonly wide: boolean;
  /** Only the changes of this app; null: all. */
  readonly app: AppKey | null;
}

/** The table of `history`: one line a revision. The project is a column where there are several, the commit and the release where there is one. */
export function renderHistory(revisions: readonly RevisionInfo[], options: HistoryOptions): string {
  if (revisions.length === 0) return '';
  const { wide } = options;
  const several = new Set(revisions.map(({ project }) => project)).size > 1;
  const commits = revisions.map((revision) => commitText(revision, options.app));
  const hasCommit = commits.some((text) => text !== '-');
  const versions = revisions.map((revision) => versionText(revision, options.app));
  const hasVersion = versions.some((text) => text !== '-');
  const preStarts = revisions.map((revision) => preStartText(revision, options.app));
  const hasPreStart = preStarts.some((text) => text !== '-');
  const headers = [
    ...(several ? ['PROJECT'] : []),
    ...['REVISION', 'WHEN', 'BY', 'COMMAND'],
    ...(hasCommit ? ['COMMIT'] : []),
    ...(hasVersion ? ['VERSION'] : []),
    'CHANGES',
    ...(hasPreStart ? ['PRE_START'] : []),
    'OUTCOME',
    ...(wide ? ['HASH'] : []),
  ];
  return renderTable(
    headers,
    revisions.map((revision, index) => [
      ...(several ? [{ text: revision.project }] : []),
      { text: String(revision.revision) },
      { text: `${formatAge(options.nowMs - Date.parse(revision.at))} ago` },
      { text: revision.by === '' ? '-' : escapeControls(revision.by, false) },
      { text: revision.command === '' ? '-' : escapeControls(revision.command, false) },
      ...(hasCommit ? [{ text: commits[index] ?? '-' }] : []),
      ...(hasVersion ? [{ text: versions[index] ?? '-' }] : []),
      { text: changesText(revision, options) },
      ...(hasPreStart ? [{ text: preStarts[index] ?? '-' }] : []),
      outcomeCell(revision, options),
      ...(wide ? [{ text: revision.hash.slice(0, HASH_SHOWN) }] : []),
    ]),
  );
}

/** One revision with every field that it changed. */
export function renderRevision(revision: RevisionInfo, options: HistoryOptions): string {
  const ago = formatAge(options.nowMs - Date.parse(revision.at));
  const facts = renderTable(null, [
    [{ text: 'Revision:' }, { text: `${revision.revision} of ${revision.project}` }],
    [{ text: 'When:' }, { text: `${revision.at} (${ago} ago)` }],
    [{ text: 'By:' }, { text: revision.by === '' ? '-' : revision.by }],
    [{ text: 'Command:' }, { text: revision.command === '' ? '-' : revision.command }],
    ...(revision.commit == null ? [] : [[{ text: 'Commit:' }, { text: revision.commit }]]),
    ...versionRows(revision, options.app),
    ...runningRows(revision, options.app),
    [{ text: 'Outcome:' }, outcomeCell(revision, { ...options, wide: true })],
    [{ text: 'Hash:' }, { text: revision.hash.slice(0, HASH_SHOWN) }],
  ]);
  const changes = changesOf(revision, options.app)
    .flatMap(({ app, kind, fields }) => [
      `  ${SYMBOLS[kind]} ${splitAppKey(app).name}  ${kind}`,
      ...fields.map((field) => `      ${describeField(field)}`),
    ])
    .map((line) => `${line}\n`)
    .join('');
  const runs = (revision.hooks ?? []).filter(({ app }) => options.app === null || app === options.app);
  const hooks = renderHookRuns(runs, options).replace(/^(?=.)/gm, '  ');
  const ran = hooks === '' ? '' : `${options.style.bold('Hooks:')}\n${hooks}`;
  return `${facts}${options.style.bold('Changes:')}\n${changes === '' ? '  none\n' : changes}${ran}`;
}

/** What its processes run; of a revision that none runs what was checked out when it was accepted. */
function commitText({ commit, running = [] }: RevisionInfo, app: AppKey | null): string {
  const known = running.filter((one) => one.code.commit !== null && (app === null || one.app === app));
  const names = [...new Set(known.map(({ code }) => codeText({ ...code, version: null })))];
  if (names.length > NAMES_SHOWN) return `${names.length} commits`;
  if (names.length > 0) return names.join(', ');
  return commit == null ? '-' : shortCommit(commit);
}

/** The release that the file named for these apps: `1.4.2`. */
function versionText({ versions = {} }: RevisionInfo, app: AppKey | null): string {
  const named = Object.entries(versions).filter(([key]) => app === null || key === app);
  const names = [...new Set(named.map(([, version]) => escapeControls(version, false)))];
  if (names.length > NAMES_SHOWN) return `${names.length} versions`;
  return names.length === 0 ? '-' : names.join(', ');
}

/** `Version:  1.4.2`, or by app where they differ. */
function versionRows(revision: RevisionInfo, app: AppKey | null): readonly (readonly Cell[])[] {
  const named = Object.entries(revision.versions ?? {}).filter(([key]) => app === null || key === app);
  const isSame = new Set(named.map(([, version]) => version)).size === 1;
  const texts = isSame ? [versionText(revision, app)] : named.map(([key, version]) => `${key} ${version}`);
  return texts.map((text, index) => [
    { text: index === 0 ? 'Version:' : '' },
    { text: escapeControls(text, false) },
  ]);
}

/** `Runs:  shop/api:0 e7c118e (main)` */
function runningRows({ running = [] }: RevisionInfo, app: AppKey | null): readonly (readonly Cell[])[] {
  const shown = running.filter((one) => app === null || one.app === app);
  return shown.map((one, index) => [
    { text: index === 0 ? 'Runs:' : '' },
    { text: `${one.app}:${one.slot} ${codeAndBranch(one.code)}` },
  ]);
}

function changesOf({ changes }: RevisionInfo, app: AppKey | null): RevisionInfo['changes'] {
  return changes.filter((change) => change.kind !== 'unchanged' && (app === null || change.app === app));
}

/** `± web roll, + worker`: what a symbol says by itself needs no word. */
function changesText(revision: RevisionInfo, { wide, app }: HistoryOptions): string {
  const texts = changesOf(revision, app).map(({ app: key, kind }) => {
    const word = kind === 'create' || kind === 'remove' ? '' : ` ${kind}`;
    return `${SYMBOLS[kind]} ${splitAppKey(key).name}${word}`;
  });
  if (texts.length === 0) return '-';
  const shown = wide ? texts : texts.slice(0, CHANGES_SHOWN);
  const more = texts.length - shown.length;
  return shown.join(', ') + (more === 0 ? '' : ` and ${more} more`);
}

function outcomeCell({ outcome }: RevisionInfo, { style, wide }: HistoryOptions): Cell {
  if (outcome === undefined || outcome === null) return { text: '-' };
  const { state, message } = outcome;
  const why = wide && message !== null ? `: ${escapeControls(message, false)}` : '';
  return { text: `${state}${why}`, paint: paintOf(state, style) };
}

function paintOf(state: string, style: Style): Cell['paint'] {
  if (state === 'succeeded') return style.green;
  if (state === 'failed') return style.red;
  return state === 'progressing' ? style.yellow : style.dim;
}
