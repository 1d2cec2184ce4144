import type { PlanDocument } from '../../../api/contract/wire/plan.ts';
import { unreachable } from '../../../lib/unreachable.ts';
import type { Change, ChangeKind } from '../../../plan/model/plan.ts';
import {
  againstNotes,
  codeNotes,
  isBlind,
  isRemarkable,
  noteLines,
  notesOf,
  portNotes,
  projectNotes,
  renderNotes,
} from './plan-notes.ts';
import { createStyle, type Style } from '../text/terminal.ts';
import { describeChange, reloadWords, type ChangeText } from './change-text.ts';
import { renderTotal, touched } from './total.ts';
import { displayWidth, escapeControls, padEnd } from '../text/text.ts';

export interface PlanViewOptions {
  readonly color: boolean;
  /** Columns. The terminal wraps a longer line, which pushes no other line to the right. */
  readonly width: number;
  /** For a rollback: the revision that the plan is made from, in place of a file. */
  readonly revision?: number;
}

/** The sign of each kind of change. */
export const SYMBOLS = {
  create: '+',
  scale: '~',
  live: '~',
  roll: '±',
  reload: '~',
  restart: '±',
  run: '±',
  start: '↑',
  stop: '↓',
  remove: '-',
  unchanged: ' ',
} as const satisfies Record<ChangeKind, string>;

const NAME_COLUMNS = 12;
const KIND_COLUMNS = 9;
const DETAIL_COLUMNS = 40;
const GAP = '  ';

/**
 * A plan for people: a header for every project that changes, a line for every change (symbol, app, what, the field
 * that forces it, what it costs), further fields below, and one countable last line. Ends with a newline.
 */
export function renderPlan(document: PlanDocument, options: PlanViewOptions): string {
  const style = createStyle(options.color);
  const shown = document.changes.filter(({ kind }) => kind !== 'unchanged');
  const notes = `${renderNotes(document.holds, style)}${noteLines([...codeNotes(document), ...portNotes(document), ...againstNotes(document)], style)}`;
  if (shown.length === 0) {
    const above = `${noteLines(projectNotes(document), style)}${notes}`;
    if (isBlind(document)) return `${above}Nothing else is declared than before; what runs is not known.\n`;
    const truth = document.holds.some(isRemarkable) ? '' : ' What runs is what is declared.';
    return `${above}No changes.${truth} ${touched(document.summary)} touched.\n`;
  }
  const sections = groupByProject(document, shown).map(({ header, source, changes }) => {
    const absence = absenceFrom(source, options.revision);
    const lines = changes.map((change) =>
      toLine(change, withNotes(describeChange(change, absence), changeNotes(change, document))),
    );
    return `${style.bold(header.name)}${header.about}\n${noteLines(header.notes, style)}${renderLines(lines, { style, width: options.width })}`;
  });
  return `${sections.join('')}${notes}${renderTotal(document.summary)}\n`;
}

/** Where an app that a plan removes is missing. */
export function absenceIn(app: string, { projects }: PlanDocument): string {
  const project = projects.find((candidate) => candidate.project === projectOf(app));
  return absenceFrom(project === undefined ? '' : sourceName(project.source), undefined);
}

function absenceFrom(source: string, revision: number | undefined): string {
  if (revision !== undefined) return `not in revision ${revision}`;
  return source === '' ? 'not declared any more' : `not in ${source} any more`;
}

interface Section {
  readonly header: {
    readonly name: string;
    readonly about: string;
    /** Notes about the project: two folders may use one name by mistake. */
    readonly notes: readonly string[];
  };
  readonly source: string;
  readonly changes: readonly Change[];
}

/** In the order of the document; projects that only changes name come last. */
function groupByProject(document: PlanDocument, shown: readonly Change[]): readonly Section[] {
  const named = document.projects.map(({ project }) => project);
  const projects = [...new Set([...named, ...shown.map(({ app }) => projectOf(app))])];
  return projects.flatMap((name) => {
    const changes = shown.filter(({ app }) => projectOf(app) === name);
    if (changes.length === 0) return [];
    const project = document.projects.find((candidate) => candidate.project === name);
    const source = project === undefined ? '' : sourceName(project.source);
    const text = project === undefined ? '' : about(project, source, document.target);
    return [{ header: { name, about: text, notes: notesOf(name, document) }, source, changes }];
  });
}

/** `  (revision 41 → 42, ecosystem.yaml)`, `  (context lab, namespace shop, ecosystem.yaml)` */
function about(
  project: PlanDocument['projects'][number],
  source: string,
  target: PlanDocument['target'],
): string {
  const { revisionBefore, revisionAfter } = project;
  if (target !== undefined) {
    const place = `context ${target.context}, namespace ${target.namespace}`;
    return `${GAP}(${place}${source === '' ? '' : `, ${source}`})`;
  }
  const revision =
    revisionBefore === null
      ? `new, revision ${revisionAfter}`
      : revisionBefore === revisionAfter
        ? `revision ${revisionAfter}`
        : `revision ${revisionBefore} → ${revisionAfter}`;
  return `${GAP}(${revision}${source === '' ? '' : `, ${source}`})`;
}

/** The names of the files without their folders, and of those merged over them; empty for apps that no file declares. */
function sourceName({ files, over = [] }: PlanDocument['projects'][number]['source']): string {
  const names = (paths: readonly string[]): readonly string[] =>
    paths
      .map((file) => (file === '-' ? 'standard input' : file.slice(file.lastIndexOf('/') + 1)))
      .map((file) => escapeControls(file, false));
  return [names(files).join(', '), ...names(over)].join(' + ');
}

interface Line {
  readonly kind: ChangeKind;
  readonly name: string;
  readonly text: ChangeText;
}

/** Notes on a change beside its fields: when it runs first, and that it has failed before. */
export function changeNotes(
  { app, kind, fields, movedFrom, failedBefore, hint, hooks, preStart, reload }: Change,
  { nextRuns }: PlanDocument,
): readonly string[] {
  const nextRun = nextRuns?.[app];
  return [
    ...(nextRun === undefined ? [] : [`next run at ${nextRun}`]),
    ...(hint === undefined ? [] : [hint]),
    ...(hooks === undefined ? [] : [hooksText(hooks, preStart)]),
    ...(reload === undefined || kind === 'reload' ? [] : [`${reload.detail}: ${reloadWords(reload)}`]),
    // A change that is nothing else says so itself.
    ...(movedFrom === undefined || (kind === 'live' && fields.length === 0)
      ? []
      : [`moved from ${movedFrom}`]),
    ...(failedBefore === undefined ? [] : [`failed before: ${escapeControls(failedBefore, false)}`]),
  ];
}

/** `hooks: pre_start (npm run migrate), post_start` */
function hooksText(hooks: NonNullable<Change['hooks']>, preStart: Change['preStart']): string {
  const texts = hooks.map((name) =>
    name === 'pre_start' && preStart !== undefined ? `${name} (${commandText(preStart)})` : name,
  );
  return `hooks: ${texts.join(', ')}`;
}

/** As much of a command as a plan shows. */
const COMMAND_SHOWN = 60;

function commandText(command: readonly string[]): string {
  const text = escapeControls(command.join(' '), false);
  return text.length > COMMAND_SHOWN ? `${text.slice(0, COMMAND_SHOWN - 1)}…` : text;
}

function withNotes(text: ChangeText, notes: readonly string[]): ChangeText {
  return notes.length === 0 ? text : { ...text, further: [...text.further, ...notes] };
}

function toLine({ app, kind }: Change, text: ChangeText): Line {
  return { kind, name: app.slice(app.indexOf('/') + 1), text };
}

function renderLines(
  lines: readonly Line[],
  view: { readonly style: Style; readonly width: number },
): string {
  const nameColumns = Math.max(NAME_COLUMNS, ...lines.map(({ name }) => displayWidth(name)));
  const indent = 4 + nameColumns + GAP.length + KIND_COLUMNS + GAP.length;
  const fits = ({ text: { detail, cost } }: Line): boolean =>
    cost !== '' && indent + displayWidth(detail) + GAP.length + displayWidth(cost) <= view.width;
  const fitting = lines.filter(fits);
  const details = fitting.map(({ text }) => displayWidth(text.detail));
  const costs = fitting.map(({ text }) => displayWidth(text.cost));
  // Padding must not push a cost over the edge.
  const room = view.width - indent - GAP.length - Math.max(0, ...costs);
  const detail = Math.max(Math.min(DETAIL_COLUMNS, room), ...details);
  const columns = { name: nameColumns, detail, indent };
  return lines.map((line) => renderLine(line, columns, view.style)).join('');
}

interface Columns {
  readonly name: number;
  readonly detail: number;
  readonly indent: number;
}

function renderLine({ kind, name, text }: Line, columns: Columns, style: Style): string {
  const paint = painter(kind, style);
  const head = `${GAP}${paint(SYMBOLS[kind])} ${padEnd(name, columns.name)}${GAP}${paint(kind)}`;
  const gap = ' '.repeat(KIND_COLUMNS - kind.length) + GAP;
  const detail = text.cost === '' ? text.detail : padEnd(text.detail, columns.detail) + GAP;
  const first = `${head}${gap}${detail}${style.dim(text.cost)}`.trimEnd();
  const more = text.further.map((field) => ' '.repeat(columns.indent) + field);
  return [first, ...more].map((line) => `${line}\n`).join('');
}

function painter(kind: ChangeKind, style: Style): (text: string) => string {
  switch (kind) {
    case 'create':
    case 'start':
      return (text) => style.green(text);
    case 'remove':
    case 'stop':
      return (text) => style.red(text);
    case 'roll':
    case 'restart':
    case 'run':
    case 'scale':
    case 'live':
    case 'reload':
      return (text) => style.yellow(text);
    case 'unchanged':
      return (text) => text;
    default:
      return unreachable(kind);
  }
}

function projectOf(app: string): string {
  return app.slice(0, app.indexOf('/'));
}
