import { useEffect, useState } from 'preact/hooks';
import { appKey } from '../../lib/app-key.ts';
import { apps, want } from '../link/feed.ts';
import { operate, VERBS } from '../link/verbs.ts';
import { attentionOf } from '../model/attention.ts';
import { APP_TABS, type AppTab } from '../model/routes.ts';
import { Act, WhyOff } from '../parts/act.tsx';
import { Health, Sync } from '../parts/badges.tsx';
import { Empty, Loading } from '../parts/said.tsx';
import { In } from '../parts/time.tsx';
import { appRoute, follow, go } from '../shell/navigate.ts';
import { withKeys } from '../shell/keys.ts';
import { Config } from './config.tsx';
import { Instances } from './instances.tsx';
import { Logs } from './logs.tsx';
import { Metrics } from './metrics.tsx';
import { Revisions } from './revisions.tsx';
import { Scaling } from './scaling.tsx';

interface AppScreenProps {
  readonly project: string;
  readonly name: string;
  readonly tab: AppTab;
}

const TITLES: Readonly<Record<AppTab, string>> = {
  logs: 'Logs',
  metrics: 'Metrics',
  instances: 'Instances',
  config: 'Config',
  revisions: 'Revisions',
};

/** Everything about one app. */
export function AppScreen({ project, name, tab }: AppScreenProps) {
  const key = appKey(project, name);
  const [isScaling, setScaling] = useState(false);
  useEffect(() => {
    want({ logs: tab === 'logs' ? key : null, agents: tab === 'metrics' });
  }, [key, tab]);
  useEffect(() => () => want({}), []);
  useEffect(
    () =>
      withKeys(
        Object.fromEntries(
          APP_TABS.map((one, index) => [String(index + 1), () => go(appRoute({ project, name }, one))]),
        ),
      ),
    [project, name],
  );
  if (apps.value === undefined) return <Loading rows={10} />;
  const app = apps.value.get(key);
  if (app === undefined) {
    return (
      <Empty title={`There is no app ${key}`}>
        <p class="muted">It was removed, or it has another name. Its revisions are in Activity.</p>
        <button type="button" onClick={() => go({ screen: 'overview', query: {} })}>
          Overview
        </button>
      </Empty>
    );
  }
  const { status } = app;
  const attention = attentionOf(app);
  return (
    <div class={`app-screen shows-${tab}`}>
      <div class="head">
        <h1>
          <a {...follow({ screen: 'overview', query: { q: `${project}/` } })} class="muted">
            {project}/
          </a>
          {name}
        </h1>
        <span class="states">
          <Health health={status.health} />
          <Sync sync={status.sync} />
          <span class="figures muted">
            {status.nextRun == null ? (
              `${status.readyInstances}/${status.desiredInstances} ready`
            ) : (
              <>
                next run <In at={status.nextRun} />
              </>
            )}
            {` · revision ${status.revision}`}
          </span>
        </span>
        <div class="acts">
          {VERBS.filter(({ verb }) =>
            status.desiredInstances === 0 ? verb === 'start' : verb !== 'start',
          ).map((one) => (
            <Act
              key={one.verb}
              onAct={() => operate(one.verb, key)}
              done={one.done}
              {...(one.verb === 'stop' && { tone: 'danger' as const })}
            >
              {one.name}
            </Act>
          ))}
          <button type="button" onClick={() => setScaling(true)}>
            Scale…
          </button>
        </div>
      </div>
      {isScaling && <Scaling app={app} onClose={() => setScaling(false)} />}
      <WhyOff />
      {attention !== null && (
        <ul class={`said ${attention.tone}`}>
          {attention.why.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      <nav class="tabs" aria-label="About this app">
        {APP_TABS.map((one) => (
          <a
            key={one}
            ref={one === tab ? intoView : null}
            {...follow(appRoute(app, one))}
            aria-current={one === tab ? 'page' : undefined}
          >
            {TITLES[one]}
          </a>
        ))}
      </nav>
      {tab === 'logs' && <Logs app={app} />}
      {tab === 'metrics' && <Metrics app={app} />}
      {tab === 'instances' && <Instances app={app} />}
      {tab === 'config' && <Config app={app} />}
      {tab === 'revisions' && <Revisions app={app} />}
    </div>
  );
}

/** On a narrow screen not all parts have room beside each other. */
function intoView(tab: HTMLElement | null): void {
  tab?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}
