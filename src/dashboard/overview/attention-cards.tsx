import { useState } from 'preact/hooks';
import type { App } from '../../api/contract/wire/apps.ts';
import { attentionOf, type Attention } from '../model/attention.ts';
import { Health, Sync } from '../parts/badges.tsx';
import { appRoute, follow } from '../shell/navigate.ts';

const SHOWN = 6;

/** The apps that somebody should look at, the worst first, each with its why. */
export function AttentionCards({ all }: { readonly all: readonly App[] }) {
  const [more, setMore] = useState(false);
  const found = all
    .map((app) => ({ app, attention: attentionOf(app) }))
    .filter((one): one is { app: App; attention: Attention } => one.attention !== null)
    .sort((one, other) => other.attention.rank - one.attention.rank);
  if (found.length === 0) return null;
  const shown = more ? found : found.slice(0, SHOWN);
  return (
    <section aria-labelledby="attention">
      <h2 id="attention">Needs attention</h2>
      <ul class="cards">
        {shown.map(({ app, attention }) => (
          <li key={`${app.project}/${app.name}`} class={`card ${attention.tone}`}>
            <a {...follow(appRoute(app))}>
              <span class="muted">{app.project}/</span>
              {app.name}
            </a>
            <span class="states">
              <Health health={app.status.health} />
              {app.status.sync !== 'Synced' && <Sync sync={app.status.sync} />}
            </span>
            <p>{attention.why[0]}</p>
            {attention.why.length > 1 && <p class="muted">and {attention.why.length - 1} more</p>}
          </li>
        ))}
      </ul>
      {found.length > SHOWN && (
        <button type="button" class="plain" onClick={() => setMore(!more)}>
          {more ? 'Show fewer' : `Show all ${found.length}`}
        </button>
      )}
    </section>
  );
}
