import { shortCommit } from '../../../lib/commit-hash.ts';
import type { App } from '../../../api/contract/wire/apps.ts';
import { healthCell, syncCell } from '../apps/cells.ts';
import { count, formatAge } from '../text/quantities.ts';
import type { Cell } from '../text/table.ts';
import type { Style } from '../text/terminal.ts';
import { escapeControls } from '../text/text.ts';

export interface FactsOptions {
  readonly style: Style;
  /** Epoch milliseconds, for ages. */
  readonly nowMs: number;
}

/** How connections are shared out in cluster mode, on every version of Node. */
const BALANCE =
  'one queue for all instances, which take turns; one that is not ready leaves its own to the others';

/** What is known of an app as a whole, one line each. */
export function facts(
  { project, name, createdAt, spec, status, logs, logUsage, source, origins }: App,
  { style, nowMs }: FactsOptions,
): Cell[][] {
  const rows: (readonly [string, Cell])[] = [
    ['App:', { text: `${project}/${name}`, paint: style.bold }],
    ['Sync:', syncCell(status.sync, style)],
    ['Health:', healthCell(status.health, style)],
    ['Ready:', { text: `${status.readyInstances}/${status.desiredInstances}` }],
    ['Generation:', { text: `${status.generation} (converged to ${status.observedGeneration})` }],
    ['Revision:', { text: String(status.revision) }],
    ...(spec?.version == null ? [] : [['Version:', { text: escapeControls(spec.version, false) }] as const]),
    ['Created:', { text: `${createdAt} (${formatAge(nowMs - Date.parse(createdAt))} ago)` }],
    ...(status.nextRun === undefined
      ? []
      : [['Next run:', { text: status.nextRun ?? 'none: stopped' }] as const]),
    ...(spec?.sockets === undefined || spec.sockets.length === 0
      ? []
      : [['Sockets:', { text: escapeControls(socketsText(spec.sockets), false) }] as const]),
    ...(spec?.exec_mode === 'cluster' ? [['Balance:', { text: BALANCE }] as const] : []),
    ...(source === undefined ? [] : sourceRows(source)),
    ...declaredRow(origins),
    ['Override:', { text: overrideText(status.override) }],
    ...(spec?.tty === true ? [['Terminal:', { text: `stateward attach ${project}/${name}` }] as const] : []),
    ['Out log:', { text: logs.out ?? 'none' }],
    ['Error log:', { text: logs.error ?? 'none' }],
    ...droppedRow(logUsage, style),
  ];
  return rows.map(([label, cell]) => [{ text: label }, cell]);
}

/** Where the app begins in its file: at its name, or at what it is called after. */
function declaredRow(origins: App['origins']): readonly (readonly [string, Cell])[] {
  const at = origins?.['name'] ?? origins?.['script'];
  if (at === undefined) return [];
  return [['Declared in:', { text: at.line === null ? at.file : `${at.file}:${at.line}` }]];
}

/** Only where something was lost. */
function droppedRow(usage: App['logUsage'], style: Style): readonly (readonly [string, Cell])[] {
  if (usage === undefined || usage.droppedLines === 0) return [];
  const text = `${count(usage.droppedLines, 'line')} that its files did not take in time`;
  return [['Dropped:', { text, paint: style.yellow }]];
}

function sourceRows({
  name,
  commit,
  problem,
}: NonNullable<App['source']>): readonly (readonly [string, Cell])[] {
  const of = commit === null ? '' : `, commit ${shortCommit(commit)}`;
  const bad = problem === null ? [] : [['', { text: escapeControls(problem, false) }] as const];
  return [['Source:', { text: `${name}${of}` }], ...bad];
}

/** `web 8080 (fd 3), api /run/api.sock (fd 4)`. */
function socketsText(sockets: NonNullable<App['spec']>['sockets']): string {
  return sockets.map(({ name, listen }, index) => `${name} ${listen} (fd ${index + 3})`).join(', ');
}

function overrideText(override: App['status']['override']): string {
  if (override === null) return 'none';
  const what = [
    ...(override.run === undefined ? [] : [`${override.run}${until(override.runUntil)}`]),
    ...(override.instances === undefined
      ? []
      : [`instances: ${override.instances}${until(override.instancesUntil)}`]),
  ];
  return `${what.join(', ')} (by ${override.by}, ${override.at}; the next apply resets it)`;
}

function until(end: string | undefined): string {
  return end === undefined ? '' : ` until ${end}`;
}
