import { HELP_LINES } from './help.ts';
import { isSettledRollout } from './rollout.ts';
import { clamp, moveSelection, withSelection } from './apps.ts';
import { askFor, onPromptKey } from './prompts.ts';
import type { Key } from './keys.ts';
import { over, toward } from './screens.ts';
import { appInView, shownScreen, type LogScreen, type MonitState, type OverScreen } from './state.ts';
import type { Updated } from './effects.ts';
import { wrappedLines } from './wrapped.ts';

/** What a key does, on the screen that is shown. */
export function onKey(state: MonitState, key: Key): Updated {
  if ('name' in key && key.name === 'interrupt') return { state, effects: [{ kind: 'quit' }] };
  if ('name' in key && key.name === 'suspend') return { state, effects: [{ kind: 'suspend' }] };
  if ('name' in key && key.name === 'redraw') return { state, effects: [{ kind: 'redraw' }] };
  if (state.prompt !== null) return onPromptKey(state, state.prompt, key);
  const cleared = { ...state, message: null };
  return ofEvery(cleared, key) ?? ofScreen(cleared, key);
}

/** Keys that mean the same everywhere; null: it is none. */
function ofEvery(state: MonitState, key: Key): Updated | null {
  if ('name' in key) return key.name === 'escape' ? back(state) : null;
  const app = appInView(state);
  switch (key.char) {
    case 'q':
      return state.screens.length === 1 ? { state, effects: [{ kind: 'quit' }] } : back(state);
    case '?':
      return over(state, { kind: 'help', scroll: 0 });
    case ':':
      return quiet({ ...state, prompt: { kind: 'command', text: '' } });
    case 'd':
      return app === null ? quiet(state) : toward(state, 'detail', app);
    case 'l':
      return app === null ? quiet(state) : toward(state, 'logs', app);
    case 'p':
      return app === null ? quiet(state) : toward(state, 'plan', app);
    case 'o':
      return app === null ? quiet(state) : toward(state, 'rollout', app);
    case 'e':
      return toward(state, 'events', state.screens.length === 1 ? null : app);
    case 'r':
      return askFor(state, 'restart', app);
    case 'R':
      return askFor(state, 'reload', app);
    case 's':
      return askFor(state, isStopped(state) ? 'start' : 'stop', app);
    default:
      return null;
  }
}

function isStopped(state: MonitState): boolean {
  const app = appInView(state);
  return app !== null && state.apps.get(app)?.status.health === 'Stopped';
}

function back(state: MonitState): Updated {
  const [list, ...above] = state.screens;
  if (above.length > 0) return quiet({ ...state, screens: [list, ...above.slice(0, -1)] });
  return quiet(withSelection({ ...state, filter: '' }));
}

function ofScreen(state: MonitState, key: Key): Updated {
  const screen = shownScreen(state);
  switch (screen.kind) {
    case 'list':
      return ofList(state, key);
    case 'logs':
      return ofLogs(state, screen, key);
    case 'rollout':
      return ofRollout(state, screen, key);
    default: {
      const by = stepOf(key, state.size.rows);
      if (by === null) return quiet(state);
      const lines =
        screen.kind === 'help' ? HELP_LINES : wrappedLines(screen.lines ?? [], state.size.columns);
      const most = Math.max(0, lines.length - 1);
      return quiet(replaced(state, { ...screen, scroll: clamp(screen.scroll + by, 0, most) }));
    }
  }
}

const SORTS = ['health', 'name', 'cpu', 'memory', 'restarts', 'uptime'] as const;

function ofList(state: MonitState, key: Key): Updated {
  if ('name' in key && key.name === 'enter' && state.selected !== null) {
    return toward(state, 'detail', state.selected);
  }
  if ('char' in key && key.char === '/') {
    return quiet({ ...state, prompt: { kind: 'filter', text: state.filter } });
  }
  if ('char' in key && key.char === 'S') {
    const at = SORTS.findIndex((sort) => sort === state.order.key);
    return quiet({ ...state, order: { key: SORTS[(at + 1) % SORTS.length] ?? 'health' } });
  }
  const by = stepOf(key, state.size.rows);
  return quiet(by === null ? state : moveSelection(state, by));
}

function ofLogs(state: MonitState, screen: LogScreen, key: Key): Updated {
  const by = stepOf(key, state.size.rows);
  if (by !== null)
    return quiet(
      replaced(state, {
        ...screen,
        back: clamp(screen.back - by, 0, Math.max(0, state.log.lines.length - 1)),
      }),
    );
  if ('name' in key) return quiet(state);
  switch (key.char) {
    case '/':
      return quiet({ ...state, prompt: { kind: 'filter', text: screen.filter } });
    case 'w':
      return quiet(replaced(state, { ...screen, wrap: !screen.wrap }));
    case 'f':
      return quiet(replaced(state, { ...screen, back: screen.back === 0 ? 1 : 0 }));
    case 'a':
      return quiet(replaced(state, { ...screen, slot: null }));
    default:
      if (!/^\d$/.test(key.char)) return quiet(state);
      return quiet(replaced(state, { ...screen, slot: Number(key.char) }));
  }
}

/** What a rollout has to say beside its slots takes no more lines than this. */
const ROLLOUT_LINES = 30;

type RolloutScreen = Extract<OverScreen, { readonly kind: 'rollout' }>;

function ofRollout(state: MonitState, screen: RolloutScreen, key: Key): Updated {
  const { app } = screen;
  const status = state.apps.get(app)?.status;
  const rollout = status?.rollout;
  const by = stepOf(key, state.size.rows);
  if (by !== null) {
    const most = Math.max(0, (status?.instances.length ?? 0) + ROLLOUT_LINES - state.size.rows);
    return quiet(replaced(state, { ...screen, scroll: clamp(screen.scroll + by, 0, most) }));
  }
  if (!('char' in key)) return quiet(state);
  if (key.char === 'u') return askFor(state, 'rollback', app);
  if (key.char !== ' ') return quiet(state);
  if (rollout == null || isSettledRollout(rollout)) {
    const text = 'no rollout is under way';
    return quiet({ ...state, message: { text, isError: false, at: state.nowMs } });
  }
  return askFor(state, rollout.state === 'paused' ? 'resume' : 'pause', app);
}

/** How far a key moves; null: it does not. */
function stepOf(key: Key, rows: number): number | null {
  const page = Math.max(1, Math.floor(rows / 2));
  if ('char' in key) {
    const steps: Readonly<Record<string, number>> = { j: 1, k: -1, g: -Infinity, G: Infinity };
    return steps[key.char] ?? null;
  }
  switch (key.name) {
    case 'up':
      return -1;
    case 'down':
      return 1;
    case 'page-up':
      return -page;
    case 'page-down':
      return page;
    case 'home':
      return -Infinity;
    case 'end':
      return Infinity;
    default:
      return null;
  }
}

function replaced(state: MonitState, screen: OverScreen): MonitState {
  const [list, ...above] = state.screens;
  return { ...state, screens: [list, ...above.slice(0, -1), screen] };
}

function quiet(state: MonitState): Updated {
  return { state, effects: [] };
}
