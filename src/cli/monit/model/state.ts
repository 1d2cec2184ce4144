import type { App } from '../../../api/contract/wire/apps.ts';
import type { LogLine } from '../../../api/contract/wire/logs.ts';
import type { AppKey } from '../../../lib/app-key.ts';
import type { Order } from '../../views/apps/app-order.ts';

/** Everything that a frame is made of. Changed by `update` alone. */
export interface MonitState {
  readonly size: Size;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** Nothing can be changed from here. */
  readonly readOnly: boolean;
  readonly link: Link;
  readonly apps: ReadonlyMap<AppKey, App>;
  readonly histories: ReadonlyMap<AppKey, History>;
  readonly selected: AppKey | null;
  readonly order: Order;
  /** Of the list. */
  readonly filter: string;
  /** What is shown is the last; Esc goes back to the one before. Never empty: the first is the list. */
  readonly screens: readonly [ListScreen, ...OverScreen[]];
  readonly log: LogPane;
  readonly prompt: Prompt | null;
  /** What came of the last wish. */
  readonly message: Message | null;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Whether the controller answers; what is shown meanwhile is the last that it said. */
export type Link =
  { readonly state: 'up' } | { readonly state: 'lost'; readonly since: number; readonly why: string };

/** What an app has used, a value a sample, oldest first; null: it did not run. */
export interface History {
  readonly cpu: readonly (number | null)[];
  readonly memory: readonly (number | null)[];
}

export const HISTORY_SAMPLES = 60;

export interface ListScreen {
  readonly kind: 'list';
}

/** Screens of lines that were looked up. */
export type TextTopic = 'detail' | 'plan' | 'events';

export type OverScreen =
  | {
      readonly kind: TextTopic;
      /** Of a plan: an app of the project. Of events: null for those of all. */
      readonly app: AppKey | null;
      /** null: not known yet. */
      readonly lines: readonly string[] | null;
      readonly scroll: number;
    }
  | { readonly kind: 'help'; readonly scroll: number }
  | { readonly kind: 'rollout'; readonly app: AppKey; readonly scroll: number }
  | LogScreen;

export interface LogScreen {
  readonly kind: 'logs';
  readonly app: AppKey;
  /** Only lines that match; empty: all. */
  readonly filter: string;
  readonly wrap: boolean;
  /** null: all slots. */
  readonly slot: number | null;
  /** Lines above the end; 0: it follows. */
  readonly back: number;
}

export type Screen = ListScreen | OverScreen;

/** What the app that is looked at has written. */
export interface LogPane {
  readonly app: AppKey | null;
  readonly lines: readonly LogLine[];
  /** Why there are none. */
  readonly problem: string | null;
}

export const LOG_LINES = 2_000;

/** What can be asked of an app. */
export type Action = 'restart' | 'reload' | 'stop' | 'start' | 'pause' | 'resume' | 'rollback';

export type Prompt =
  | { readonly kind: 'ask'; readonly action: Action; readonly app: AppKey }
  | { readonly kind: 'filter' | 'command'; readonly text: string };

export interface Message {
  readonly text: string;
  readonly isError: boolean;
  /** Epoch milliseconds at which it was said. */
  readonly at: number;
}

export function initialState(given: Pick<MonitState, 'size' | 'nowMs' | 'readOnly'>): MonitState {
  return {
    ...given,
    link: { state: 'up' },
    apps: new Map(),
    histories: new Map(),
    selected: null,
    order: { key: 'health' },
    filter: '',
    screens: [{ kind: 'list' }],
    log: { app: null, lines: [], problem: null },
    prompt: null,
    message: null,
  };
}

export function shownScreen({ screens }: MonitState): Screen {
  return screens.at(-1) ?? screens[0];
}

/** The app that a key is about: of the screen, else the one that is selected. */
export function appInView(state: MonitState): AppKey | null {
  const screen = shownScreen(state);
  return 'app' in screen && screen.app !== null ? screen.app : state.selected;
}
