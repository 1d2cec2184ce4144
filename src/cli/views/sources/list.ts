import { shortCommit } from '../../../lib/commit-hash.ts';
import type { SourceInfo, SourceState } from '../../../api/contract/wire/sources/sources.ts';
import { formatAge } from '../text/quantities.ts';
import { renderTable, type Cell } from '../text/table.ts';
import type { Style } from '../text/terminal.ts';
import { escapeControls } from '../text/text.ts';

export interface SourceViewOptions {
  readonly style: Style;
  /** Epoch milliseconds, for ages. */
  readonly nowMs: number;
}

/** The table of `source list`: one line a source. */
export function renderSources(
  sources: readonly SourceInfo[],
  { style, nowMs }: SourceViewOptions,
  wide: boolean,
): string {
  if (sources.length === 0) return '';
  return renderTable(
    [
      'NAME',
      'STATE',
      'HEAD',
      'APPLIED',
      'LAST GOOD',
      'AGE',
      ...(wide ? ['SYNC', 'PROJECTS', 'ORIGIN'] : []),
      'MESSAGE',
    ],
    sources.map(({ name, status, sync, origin }) => [
      { text: name, paint: style.bold },
      stateCell(status.state, style),
      { text: shortOf(status.head) },
      { text: shortOf(status.applied) },
      { text: shortOf(status.lastGood) },
      { text: status.applied === null ? '-' : formatAge(nowMs - Date.parse(status.applied.at)) },
      ...(wide
        ? [
            { text: sync },
            { text: status.projects.length === 0 ? '-' : status.projects.join(',') },
            { text: escapeControls(origin, false) },
          ]
        : []),
      { text: status.message === null ? '-' : escapeControls(status.message.split('\n')[0] ?? '', false) },
    ]),
  );
}

export function stateCell(state: SourceState, style: Style): Cell {
  const paints: Partial<Record<SourceState, Cell['paint']>> = {
    Synced: style.green,
    Failed: style.red,
    Unknown: style.dim,
  };
  return { text: state, paint: paints[state] ?? style.yellow };
}

/** The beginning of a version, as git shows commits. */
export function shortOf(version: { readonly version: string } | null): string {
  return version === null ? '-' : shortCommit(version.version);
}
