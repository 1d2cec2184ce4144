import type { HookRunStatus } from '../../../api/contract/wire/events.ts';
import type { RevisionInfo } from '../../../api/contract/wire/revisions.ts';
import { splitAppKey, type AppKey } from '../../../lib/app-key.ts';
import { formatSpan } from '../../../lib/units.ts';
import { formatAge } from '../text/quantities.ts';
import { renderTable, type Cell } from '../text/table.ts';
import type { Style } from '../text/terminal.ts';
import { escapeControls } from '../text/text.ts';

type ShownRun = HookRunStatus & { readonly app?: AppKey };

/** A table of runs of hooks, newest first; '' without one. The app is a column where it is told. */
export function renderHookRuns(
  runs: readonly ShownRun[],
  { style, nowMs }: { readonly style: Style; readonly nowMs: number },
): string {
  if (runs.length === 0) return '';
  const ofApps = runs.some(({ app }) => app !== undefined);
  const headers = ['HOOK', 'SLOT', 'REVISION', 'STARTED', 'TOOK', 'OUTCOME', 'REASON', 'LAST LINE'];
  return renderTable(
    [...(ofApps ? ['APP'] : []), ...headers],
    runs.map((run) => [
      ...(ofApps ? [{ text: run.app === undefined ? '-' : splitAppKey(run.app).name }] : []),
      { text: run.hook },
      { text: run.slot === null ? '-' : String(run.slot) },
      { text: String(run.revision) },
      { text: `${formatAge(nowMs - Date.parse(run.startedAt))} ago` },
      { text: run.durationMs === null ? '-' : formatSpan(run.durationMs) },
      outcomeCell(run, style),
      { text: run.reason },
      { text: run.lastLine === null ? '-' : cut(escapeControls(run.lastLine, false)) },
    ]),
  );
}

/** As much of a line as a table shows. */
const LINE_SHOWN = 80;

function cut(line: string): string {
  return line.length > LINE_SHOWN ? `${line.slice(0, LINE_SHOWN - 1)}…` : line;
}

function outcomeCell({ outcome, exitCode, exitSignal, message }: HookRunStatus, style: Style): Cell {
  if (outcome !== 'failed') {
    const paint = outcome === 'succeeded' ? style.green : style.yellow;
    return { text: outcome, paint };
  }
  return { text: `failed: ${shortFailure({ exitCode, exitSignal, message })}`, paint: style.red };
}

/** `code 3`, `SIGSEGV`; of one that has neither, its message. */
function shortFailure({
  exitCode,
  exitSignal,
  message,
}: Pick<HookRunStatus, 'exitCode' | 'exitSignal' | 'message'>): string {
  const isLate = message?.includes('it may take') === true;
  if (message !== null && (isLate || (exitCode === null && exitSignal === null)))
    return escapeControls(message, false);
  return exitSignal ?? `code ${exitCode ?? 'unknown'}`;
}

/**
 * How the pre_start hooks of a revision went, in a cell: `1.2s`, `failed after 0.3s`, `api 1.2s, web failed after 2s`. Of
 * each app its last run counts.
 */
export function preStartText({ hooks = [] }: RevisionInfo, app: AppKey | null): string {
  const runs = hooks.filter(({ hook, app: of }) => hook === 'pre_start' && (app === null || of === app));
  const last = runs.filter((run, index) => runs.findIndex((other) => other.app === run.app) === index);
  const texts = last.map((run) => {
    const took = formatSpan(run.durationMs ?? 0);
    const text = run.outcome === 'succeeded' ? took : `${run.outcome} after ${took}`;
    return last.length === 1 ? text : `${splitAppKey(run.app).name} ${text}`;
  });
  return texts.length === 0 ? '-' : texts.join(', ');
}
