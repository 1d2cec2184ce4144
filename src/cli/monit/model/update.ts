import type { AppList } from '../../../api/contract/wire/apps.ts';
import type { UsageHistoryList } from '../../../api/contract/wire/dash/usage-history.ts';
import type { LogLine } from '../../../api/contract/wire/logs.ts';
import type { AppKey } from '../../../lib/app-key.ts';
import { takeHistories, takeList, takeSample } from './apps.ts';
import type { Effect, Updated } from './effects.ts';
import type { Key } from './keys.ts';
import { onKey } from './on-key.ts';
import {
  LOG_LINES,
  shownScreen,
  type LogPane,
  type MonitState,
  type OverScreen,
  type Size,
  type TextTopic,
} from './state.ts';

/** What happens to monit. */
export type Input =
  | { readonly kind: 'key'; readonly key: Key }
  | { readonly kind: 'size'; readonly size: Size }
  | { readonly kind: 'list'; readonly list: AppList }
  /** What was used before monit began to look, or while the controller did not answer. */
  | { readonly kind: 'histories'; readonly histories: UsageHistoryList }
  /** Time passes; `sampled`: a round of samples has passed too. */
  | { readonly kind: 'tick'; readonly nowMs: number; readonly sampled: boolean }
  /** `isAnew`: in place of what was read before. */
  | {
      readonly kind: 'log';
      readonly app: AppKey;
      readonly lines: readonly LogLine[];
      readonly isAnew: boolean;
    }
  | { readonly kind: 'log-problem'; readonly app: AppKey; readonly problem: string }
  | {
      readonly kind: 'text';
      readonly topic: TextTopic;
      readonly app: AppKey | null;
      readonly lines: readonly string[];
    }
  | { readonly kind: 'said'; readonly text: string; readonly isError: boolean }
  | { readonly kind: 'up' }
  | { readonly kind: 'lost'; readonly why: string };

/** How long what came of a wish is shown. */
const MESSAGE_MS = 8_000;

/** The next state, and what follows from it outside. Pure. */
export function update(state: MonitState, input: Input): Updated {
  return withFollowing(change(state, input));
}

function change(state: MonitState, input: Input): Updated {
  switch (input.kind) {
    case 'key':
      return onKey(state, input.key);
    case 'size':
      return quiet({ ...state, size: input.size });
    case 'list':
      return quiet(takeList(state, input.list));
    case 'histories':
      return quiet(takeHistories(state, input.histories));
    case 'tick':
      return onTick(state, input);
    case 'log':
      return quiet({ ...state, log: withLines(state.log, input) });
    case 'log-problem':
      if (state.log.app !== input.app) return quiet(state);
      return quiet({ ...state, log: { ...state.log, problem: input.problem } });
    case 'text':
      return quiet({ ...state, screens: withText(state.screens, input) });
    case 'said':
      return quiet({ ...state, message: { text: input.text, isError: input.isError, at: state.nowMs } });
    case 'up':
      return quiet(state.link.state === 'up' ? state : { ...state, link: { state: 'up' } });
    case 'lost':
      if (state.link.state === 'lost') return quiet(state);
      return quiet({ ...state, link: { state: 'lost', since: state.nowMs, why: input.why } });
  }
}

function quiet(state: MonitState): Updated {
  return { state, effects: [] };
}

/** What is looked up is looked up again while it is shown. */
function onTick(
  state: MonitState,
  { nowMs, sampled }: { readonly nowMs: number; readonly sampled: boolean },
): Updated {
  const { message } = state;
  const isOld = message !== null && nowMs - message.at > MESSAGE_MS;
  const next = { ...state, nowMs, message: isOld ? null : message };
  if (!sampled) return quiet(next);
  const screen = shownScreen(state);
  const again: readonly Effect[] =
    (screen.kind === 'detail' || screen.kind === 'events') && state.link.state === 'up'
      ? [{ kind: 'load', topic: screen.kind, app: screen.app }]
      : [];
  return { state: takeSample(next), effects: again };
}

function withLines(log: LogPane, { app, lines, isAnew }: Extract<Input, { readonly kind: 'log' }>): LogPane {
  if (log.app !== app) return log;
  const before = isAnew ? [] : log.lines;
  return { ...log, lines: [...before, ...lines].slice(-LOG_LINES), problem: null };
}

function withText(
  screens: MonitState['screens'],
  { topic, app, lines }: Extract<Input, { readonly kind: 'text' }>,
): MonitState['screens'] {
  const [list, ...over] = screens;
  return [
    list,
    ...over.map((screen): OverScreen =>
      screen.kind === topic && screen.app === app ? { ...screen, lines } : screen,
    ),
  ];
}

/** The log that is followed is that of the app in view. */
function withFollowing({ state, effects }: Updated): Updated {
  const screen = shownScreen(state);
  const wanted = screen.kind === 'logs' ? screen.app : state.selected;
  if (wanted === state.log.app) return { state, effects };
  return {
    state: { ...state, log: { app: wanted, lines: [], problem: null } },
    effects: [...effects, { kind: 'follow', app: wanted }],
  };
}
