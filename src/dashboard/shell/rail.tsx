import { apps, link, type LinkState } from '../link/feed.ts';
import { logOut, session } from '../link/session.ts';
import { attentionGroups } from '../model/attention.ts';
import type { Route } from '../model/routes.ts';
import { rolloutsOf } from '../model/rollout-slots.ts';
import { follow, route } from './navigate.ts';
import { nextTheme, theme } from './theme.ts';

const LINKS: Readonly<Record<LinkState, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'Offline',
  away: 'Paused',
};
const THEME_MARKS = { system: '◑', light: '☀', dark: '☾' } as const;

export function Rail({ onPalette, onHelp }: { readonly onPalette: () => void; readonly onHelp: () => void }) {
  const all = [...(apps.value?.values() ?? [])];
  const attention = attentionGroups(all).length;
  const rollouts = rolloutsOf(all).filter(({ status }) => status.rollout?.state !== 'failed').length;
  const access = session.value?.access === 'write' ? `Write as ${session.value.name}` : 'Read-only';
  return (
    <header class="rail">
      <a class="brand" {...follow({ screen: 'overview', query: {} })}>
        <span class="logo" aria-hidden="true">
          ≡
        </span>
        stateward
      </a>
      <button type="button" class="find" onClick={onPalette}>
        <span>Go to…</span>
        <kbd>Ctrl K</kbd>
      </button>
      <nav aria-label="Screens">
        <Place to={{ screen: 'overview', query: {} }} name="Overview" count={attention} of="need attention" />
        <Place to={{ screen: 'changes', query: {} }} name="Changes" count={rollouts} of="rollouts go on" />
        <Place to={{ screen: 'activity', tab: 'events', query: {} }} name="Activity" />
      </nav>
      <div class="foot">
        <span class={`link ${link.value}`} role="status">
          {LINKS[link.value]}
        </span>
        <span
          class="access"
          title={session.value?.access === 'write' ? '' : 'stateward dash --write can change things'}
        >
          {access}
        </span>
        <span class="tools">
          <button
            type="button"
            class="plain"
            onClick={nextTheme}
            aria-label={`Theme: ${theme.value}`}
            title={`Theme: ${theme.value}`}
          >
            {THEME_MARKS[theme.value]}
          </button>
          <button type="button" class="plain" onClick={onHelp} aria-label="Keys" title="Keys (?)">
            ?
          </button>
          <button type="button" class="plain" onClick={() => void logOut()}>
            Log out
          </button>
        </span>
      </div>
    </header>
  );
}

interface PlaceProps {
  readonly to: Route;
  readonly name: string;
  readonly count?: number;
  readonly of?: string;
}

function Place({ to, name, count = 0, of = '' }: PlaceProps) {
  return (
    <a {...follow(to)} aria-current={route.value.screen === to.screen ? 'page' : undefined}>
      {name}
      {count > 0 && (
        <span class="count" title={`${count} ${of}`}>
          {count}
          <span class="unseen"> {of}</span>
        </span>
      )}
    </a>
  );
}
