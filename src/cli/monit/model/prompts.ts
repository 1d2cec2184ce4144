import { appKey, type AppKey } from '../../../lib/app-key.ts';
import { withSelection } from './apps.ts';
import type { Key } from './keys.ts';
import { over, toward, type Place } from './screens.ts';
import { appInView, shownScreen, type Action, type MonitState, type Prompt } from './state.ts';
import type { Updated } from './effects.ts';

/** Asks before something is changed; says why not where nothing may be. */
export function askFor(state: MonitState, action: Action, app: AppKey | null): Updated {
  if (app === null) return said(state, 'no app is selected');
  if (state.readOnly) return said(state, `${action}: not with --read-only`);
  if (state.link.state === 'lost') return said(state, `${action}: the controller does not answer`);
  return { state: { ...state, prompt: { kind: 'ask', action, app } }, effects: [] };
}

export function onPromptKey(state: MonitState, prompt: Prompt, key: Key): Updated {
  const closed = { ...state, prompt: null };
  if (prompt.kind === 'ask') {
    const isYes = 'char' in key && (key.char === 'y' || key.char === 'Y');
    if (!isYes) return said(closed, `${prompt.action}: not done`);
    return { state: closed, effects: [{ kind: 'act', action: prompt.action, app: prompt.app }] };
  }
  if ('char' in key) return typed(state, prompt.kind, prompt.text + key.char);
  switch (key.name) {
    case 'enter':
      return prompt.kind === 'command' ? onCommand(closed, prompt.text.trim()) : quiet(closed);
    case 'escape':
      return prompt.kind === 'filter' ? quiet(withFilter(closed, '')) : quiet(closed);
    case 'backspace':
      if (prompt.text === '') return quiet(closed);
      return typed(state, prompt.kind, Array.from(prompt.text).slice(0, -1).join(''));
    case 'clear':
      return typed(state, prompt.kind, '');
    case 'tab': {
      const [first] = prompt.kind === 'command' ? suggestions(state, prompt.text) : [];
      return first === undefined ? quiet(state) : typed(state, prompt.kind, `${first} `);
    }
    default:
      return quiet(state);
  }
}

/** A filter works while it is typed. */
function typed(state: MonitState, kind: 'filter' | 'command', text: string): Updated {
  const next = { ...state, prompt: { kind, text } };
  return quiet(kind === 'filter' ? withFilter(next, text) : next);
}

function withFilter(state: MonitState, filter: string): MonitState {
  const screen = shownScreen(state);
  if (screen.kind !== 'logs') return withSelection({ ...state, filter });
  const [list, ...above] = state.screens;
  return { ...state, screens: [list, ...above.slice(0, -1), { ...screen, filter, back: 0 }] };
}

const PLACES: Readonly<Record<string, Place | 'list' | 'help'>> = {
  ...{ apps: 'list', list: 'list', get: 'list', logs: 'logs', log: 'logs', detail: 'detail' },
  ...{ describe: 'detail', why: 'detail', plan: 'plan', diff: 'plan', events: 'events' },
  ...{ rollout: 'rollout', help: 'help' },
};

const ACTIONS: Readonly<Record<string, Action>> = {
  ...{ restart: 'restart', reload: 'reload', stop: 'stop', start: 'start' },
  ...{ pause: 'pause', resume: 'resume', rollback: 'rollback' },
};

/** A word of the command line, with an app; an app alone is gone to. */
function onCommand(state: MonitState, line: string): Updated {
  const [word = '', name] = line.split(/\s+/);
  if (word === '') return quiet(state);
  if (/^q(uit|!)?$/.test(word)) return { state, effects: [{ kind: 'quit' }] };
  const app = name === undefined ? appInView(state) : appNamed(state, name);
  if (name !== undefined && app === null) return said(state, `no app ${name}`, true);
  const action = ACTIONS[word];
  if (action !== undefined) return askFor(state, action, app);
  const place = PLACES[word];
  if (place === 'help') return over(state, { kind: 'help', scroll: 0 });
  if (place === 'list')
    return quiet(selected({ ...state, screens: [state.screens[0]] }, name === undefined ? null : app));
  if (place !== undefined) return toward(state, place, place === 'events' && name === undefined ? null : app);
  const meant = appNamed(state, word);
  if (meant === null) return said(state, `no command and no app: ${word} (? lists the commands)`, true);
  return quiet(selected({ ...state, screens: [state.screens[0]] }, meant));
}

function selected(state: MonitState, app: AppKey | null): MonitState {
  return app === null ? state : withSelection({ ...state, filter: '', selected: app });
}

/** By its key, else by a name that one app alone has, else by the beginning of one. */
function appNamed({ apps }: MonitState, name: string): AppKey | null {
  const all = [...apps.values()];
  const by = (isMeant: (app: (typeof all)[number]) => boolean): AppKey | null => {
    const [first, ...others] = all.filter(isMeant);
    return first === undefined || others.length > 0 ? null : appKey(first.project, first.name);
  };
  return (
    by((app) => appKey(app.project, app.name) === name) ??
    by((app) => app.name === name) ??
    by((app) => app.name.startsWith(name))
  );
}

/** What a command that was begun can become. */
export function suggestions(state: MonitState, text: string): readonly string[] {
  const words = text.split(/\s+/);
  const last = words.at(-1) ?? '';
  const names = [...state.apps.values()].map(({ project, name }) => appKey(project, name));
  const among =
    words.length === 1 ? [...Object.keys(PLACES), ...Object.keys(ACTIONS), 'quit', ...names] : names;
  const before = words.slice(0, -1).join(' ');
  return among
    .filter((word) => word.startsWith(last) || word.split('/')[1]?.startsWith(last) === true)
    .map((word) => (before === '' ? word : `${before} ${word}`));
}

function said(state: MonitState, text: string, isError = false): Updated {
  return quiet({ ...state, message: { text, isError, at: state.nowMs } });
}

function quiet(state: MonitState): Updated {
  return { state, effects: [] };
}
