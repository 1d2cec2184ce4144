import { shortCommit } from '../../../lib/commit-hash.ts';
import type { App, InstanceStatus } from '../../../api/contract/wire/apps.ts';
import type { Cell } from '../text/table.ts';
import {
  ageCell,
  cpuCell,
  healthCell,
  memoryCell,
  portText,
  restartReasons,
  restartsCell,
  syncCell,
  textCell,
  uptimeCell,
  type CellOptions,
} from './cells.ts';
import { escapeControls } from '../text/text.ts';
import { codeText } from './code-text.ts';

export const WIDE_HEADERS = [
  ...['ID', 'PROJECT', 'NAME', 'SLOT', 'PID', 'PORT', 'STATE', 'SYNC', 'HEALTH', 'READY'],
  ...['RESTARTS', 'REASONS', 'CPU', 'MEM', 'UPTIME', 'AGE', 'CODE', 'REVISION'],
] as const;

/** What programs say of themselves; where none does, only programs that read the table have the column. */
export function saysColumn(apps: readonly App[], noHeaders: boolean): boolean {
  return noHeaders || apps.some(({ status }) => status.instances.some(({ says }) => says !== undefined));
}

/** Where apps come from; there when one of them is of a source, and for programs that read the table. */
export const SOURCE_HEADER = 'SOURCE';

/** How apps differ from what is declared; there when one does, and for programs that read the table. */
export const DRIFT_HEADER = 'DRIFT';

/** `override,code`. */
export function driftCell({ status: { drift = [] } }: App): Cell {
  return textCell([...new Set(drift.map(({ kind }) => kind))].join(',') || null);
}

/** `shop@68da218`. */
export function sourceCell({ source }: App): Cell {
  if (source === undefined) return textCell(null);
  return textCell(source.commit === null ? source.name : `${source.name}@${shortCommit(source.commit)}`);
}

/** The rows of `get -o wide`: one an instance, and one for an app that has none. */
export function wideRows(
  app: App,
  options: CellOptions & { readonly says: boolean },
): readonly (readonly Cell[])[] {
  const { instances } = app.status;
  if (instances.length === 0) return [wideRow(app, null, options)];
  return instances.map((instance) => wideRow(app, instance, options));
}

function wideRow(
  app: App,
  instance: InstanceStatus | null,
  { style, nowMs, says }: Parameters<typeof wideRows>[1],
): readonly Cell[] {
  const { status } = app;
  const all = instance === null ? [] : [instance];
  return [
    textCell(instance?.id),
    textCell(app.project),
    { text: app.name, paint: style.bold },
    textCell(instance?.slot),
    textCell(instance?.pid),
    textCell(instance === null ? null : portText(instance)),
    textCell(instance?.state),
    syncCell(status.sync, style),
    healthCell(status.health, style),
    textCell(instance === null ? null : instance.ready ? 'yes' : 'no'),
    instance === null ? textCell(null) : restartsCell(all, nowMs),
    textCell(restartReasons(all) || null),
    cpuCell(all),
    memoryCell(all),
    uptimeCell(all, nowMs),
    ageCell(app, nowMs),
    textCell(codeText(instance?.code)),
    textCell(instance?.revision ?? status.revision),
    ...(says ? [textCell(escapeControls(instance?.says ?? '', false) || null)] : []),
  ];
}
