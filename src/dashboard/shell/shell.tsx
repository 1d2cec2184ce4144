import { useEffect, useState } from 'preact/hooks';
import { ActivityScreen } from '../activity/activity-screen.tsx';
import { AppScreen } from '../app/app-screen.tsx';
import { ChangesScreen } from '../changes/changes-screen.tsx';
import { apps, link } from '../link/feed.ts';
import { session } from '../link/session.ts';
import { Overview } from '../overview/overview.tsx';
import { Empty } from '../parts/said.tsx';
import { Help } from './help.tsx';
import { SCREEN_KEYS, withKeys } from './keys.ts';
import { Login } from './login.tsx';
import { go, route } from './navigate.ts';
import { Palette } from './palette.tsx';
import { Rail } from './rail.tsx';
import { Told } from './told.tsx';

/** The frame of all screens: where one can go, whether the daemon is there, and what was told last. */
export function Shell() {
  const [open, setOpen] = useState<'palette' | 'help' | null>(null);
  useEffect(
    () => withKeys({ ...SCREEN_KEYS, 'Ctrl-K': () => setOpen('palette'), '?': () => setOpen('help') }),
    [],
  );
  if (session.value === undefined) return <main class="alone" aria-busy="true" />;
  if (session.value === null) return <Login />;
  return (
    <div class="frame">
      <a class="skip" href="#main">
        Skip to content
      </a>
      <Rail onPalette={() => setOpen('palette')} onHelp={() => setOpen('help')} />
      <main id="main" tabIndex={-1}>
        <Lost />
        <Screen />
      </main>
      <Told />
      {open === 'palette' && <Palette onClose={() => setOpen(null)} onHelp={() => setOpen('help')} />}
      {open === 'help' && <Help onClose={() => setOpen(null)} />}
    </div>
  );
}

function Screen() {
  const { value } = route;
  useEffect(() => {
    document.title = `${value.screen === 'app' ? `${value.name} · ${value.project}` : titleOf(value.screen)} · stateward`;
  }, [value]);
  switch (value.screen) {
    case 'overview':
      return <Overview />;
    case 'app':
      return <AppScreen key={`${value.project}/${value.name}`} {...value} />;
    case 'changes':
      return <ChangesScreen />;
    case 'activity':
      return <ActivityScreen tab={value.tab} />;
    case 'nowhere':
      return (
        <Empty title="There is no such page">
          <button type="button" onClick={() => go({ screen: 'overview', query: {} })}>
            Overview
          </button>
        </Empty>
      );
  }
}

function titleOf(screen: string): string {
  return screen.slice(0, 1).toUpperCase() + screen.slice(1);
}

/** What is shown is from before: said as long as it is so. */
function Lost() {
  if (link.value !== 'lost') return null;
  return (
    <div class="lost" role="status">
      <strong>The daemon does not answer.</strong>{' '}
      {apps.value === undefined ? 'This page fills when it does.' : 'What you see is from before.'} Your apps
      do not need it: they go on.
    </div>
  );
}
