import { ACTIVITY_TABS, type ActivityTab } from '../model/routes.ts';
import { follow } from '../shell/navigate.ts';
import { Audit } from './audit.tsx';
import { Events } from './events.tsx';
import { Rounds } from './rounds.tsx';
import { Runs } from './runs.tsx';

const TITLES: Readonly<Record<ActivityTab, string>> = {
  events: 'Events',
  runs: 'Revisions',
  rounds: 'Rounds',
  audit: 'Audit',
};

/** What has happened, what was accepted, and who asked for it. */
export function ActivityScreen({ tab }: { readonly tab: ActivityTab }) {
  return (
    <>
      <h1>Activity</h1>
      <nav class="tabs" aria-label="What has happened">
        {ACTIVITY_TABS.map((one) => (
          <a
            key={one}
            {...follow({ screen: 'activity', tab: one, query: {} })}
            aria-current={one === tab ? 'page' : undefined}
          >
            {TITLES[one]}
          </a>
        ))}
      </nav>
      {tab === 'events' && <Events />}
      {tab === 'runs' && <Runs />}
      {tab === 'rounds' && <Rounds />}
      {tab === 'audit' && <Audit />}
    </>
  );
}
