import type { AppKey } from '../../../lib/app-key.ts';
import { shownScreen, type MonitState, type OverScreen } from './state.ts';
import type { Updated } from './effects.ts';

/** Screens that stand above each other; nobody goes back through more. */
const MOST_SCREENS = 12;

/** The state with a screen above the one that is shown; one of the same kind takes its place. */
export function over(state: MonitState, screen: OverScreen): Updated {
  const [list, ...above] = state.screens;
  const kept = shownScreen(state).kind === screen.kind ? above.slice(0, -1) : above;
  return {
    state: { ...state, screens: [list, ...kept.slice(1 - MOST_SCREENS), screen] },
    effects: [],
  };
}

export type Place = Exclude<OverScreen['kind'], 'help'>;

/** To the screen of an app; events can be those of all. */
export function toward(state: MonitState, place: Place, app: AppKey | null): Updated {
  switch (place) {
    case 'logs':
      if (app === null) return { state, effects: [] };
      return over(state, { kind: 'logs', app, filter: '', wrap: false, slot: null, back: 0 });
    case 'rollout':
      return app === null ? { state, effects: [] } : over(state, { kind: 'rollout', app, scroll: 0 });
    default: {
      const { state: next } = over(state, { kind: place, app, lines: null, scroll: 0 });
      return { state: next, effects: [{ kind: 'load', topic: place, app }] };
    }
  }
}
