import { escapeControls } from '../../views/text/text.ts';
import { HELP_LINES } from '../model/help.ts';
import { wrappedLines } from '../model/wrapped.ts';
import { shownScreen, type MonitState, type OverScreen } from '../model/state.ts';
import { bottomLine, titleLine } from './bars.ts';
import { listLines } from './list.ts';
import { logLines } from './log-lines.ts';
import { rule, type Look } from './paint.ts';
import { rolloutLines } from './rollout-lines.ts';

/** Below this nothing can be read. */
const LEAST_ROWS = 3;

/** What the terminal shows of a state: as many lines as it has, not yet cut to its width. Pure. */
export function frame(state: MonitState, look: Look): readonly string[] {
  const { rows } = state.size;
  if (rows < LEAST_ROWS) return [bottomLine(state, look)];
  const room = rows - 2;
  const body = bodyOf(state, room, look).slice(0, room);
  return [
    titleLine(state, look),
    ...body,
    ...Array<string>(room - body.length).fill(''),
    bottomLine(state, look),
  ];
}

function bodyOf(state: MonitState, rows: number, look: Look): readonly string[] {
  const screen = shownScreen(state);
  if (screen.kind === 'list') return listLines(state, rows, look);
  const head = rule(titleOf(screen), state.size.columns, look);
  return [head, ...linesOf(screen, state, rows - 1, look)];
}

function linesOf(screen: OverScreen, state: MonitState, rows: number, look: Look): readonly string[] {
  switch (screen.kind) {
    case 'logs':
      return logLines(state, { ...screen, rows }, look);
    case 'rollout':
      return scrolled(rolloutLines(state, screen.app, look), screen.scroll, rows, look);
    case 'help':
      return scrolled(
        HELP_LINES.map((line) => (line.startsWith(' ') ? line : look.style.bold(line))),
        screen.scroll,
        rows,
        look,
      );
    default:
      if (screen.lines === null) return [look.style.dim('  …')];
      return scrolled(wrappedLines(screen.lines, state.size.columns), screen.scroll, rows, look);
  }
}

/** The lines from `scroll` on, and a note below where there are more. */
function scrolled(
  lines: readonly string[],
  scroll: number,
  rows: number,
  { style }: Look,
): readonly string[] {
  const from = Math.max(0, Math.min(scroll, lines.length - rows));
  const shown = lines.slice(from, from + rows);
  const below = lines.length - from - rows;
  if (below <= 0 || rows < 2) return shown;
  return [...shown.slice(0, -1), style.dim(`  ↓ ${below + 1} more lines`)];
}

function titleOf(screen: OverScreen): string {
  const app = 'app' in screen && screen.app !== null ? escapeControls(screen.app, false) : 'all apps';
  switch (screen.kind) {
    case 'logs': {
      const slot = screen.slot === null ? '' : ` slot ${screen.slot}`;
      const filter = screen.filter === '' ? '' : `  /${escapeControls(screen.filter, false)}`;
      return `log of ${app}${slot}${filter}${screen.back === 0 ? '' : '  (held; f follows)'}`;
    }
    case 'help':
      return 'help';
    case 'plan':
      return `plan of the project of ${app}: what applying its recorded file now would change`;
    default:
      return `${screen.kind} of ${app}`;
  }
}
