import { useState } from 'preact/hooks';
import type { App } from '../../api/contract/wire/apps.ts';
import { attentionGroups, type AttentionGroup } from '../model/attention.ts';
import { Health, Sync } from '../parts/badges.tsx';
import { appRoute, follow } from '../shell/navigate.ts';

const SHOWN = 6;

/** What somebody should look at, the worst first, each with its why. */
export function AttentionCards({ all }: { readonly all: readonly App[] }) {
  const [more, setMore] = useState(false);
  const found = attentionGroups(all);
  if (found.length === 0) return null;
  const shown = more ? found : found.slice(0, SHOWN);
  return (
    <section aria-labelledby="attention">
      <h2 id="attention">Needs attention</h2>
      <ul class="cards">
        {shown.map((group) => (
          <Card key={group.apps.map(({ project, name }) => `${project}/${name}`).join(' ')} group={group} />
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

function Card({ group: { apps, attention } }: { readonly group: AttentionGroup }) {
  const [app, ...others] = apps;
  if (app === undefined) return null;
  const isOne = others.length === 0;
  return (
    <li class={`card ${attention.tone}`}>
      <a {...follow(isOne ? appRoute(app) : { screen: 'changes', query: {} })}>
        <span class="muted">{app.project}/</span>
        {isOne ? app.name : `${apps.length} apps`}
      </a>
      {isOne && (
        <span class="states">
          <Health health={app.status.health} />
          {app.status.sync !== 'Synced' && <Sync sync={app.status.sync} />}
        </span>
      )}
      <p class="why">{attention.why[0]}</p>
      {!isOne && <p class="muted names">{apps.map(({ name }) => name).join(', ')}</p>}
      {attention.why.length > 1 && <p class="muted">and {attention.why.length - 1} more</p>}
    </li>
  );
}
