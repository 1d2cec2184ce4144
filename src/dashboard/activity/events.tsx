import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { EventInfo, EventList } from '../../api/contract/wire/events.ts';
import { splitAppKey } from '../../lib/app-key.ts';
import { read } from '../link/api.ts';
import { events } from '../link/feed.ts';
import { withOlder } from '../model/feed-state.ts';
import { matcher, plainText } from '../model/log-lines.ts';
import { Act } from '../parts/act.tsx';
import { Badge } from '../parts/badges.tsx';
import { Empty } from '../parts/said.tsx';
import { Clock } from '../parts/time.tsx';
import { VirtualList } from '../parts/virtual-list.tsx';
import { withKeys } from '../shell/keys.ts';
import { appRoute, follow, keep, route } from '../shell/navigate.ts';

const TONES = { info: 'quiet', warning: 'warn', error: 'bad' } as const;
const ROW_PX = innerWidth < 760 ? 76 : 36;
const OLDER = 500;

/** What has happened, the newest first; what happens comes in above. */
export function Events() {
  const field = useRef<HTMLInputElement>(null);
  const { q = '', level = '' } = route.value.query;
  const known = events.value;
  const shown = useMemo(() => {
    const matches = matcher(q);
    return known
      .filter(
        (one) => level === '' || one.level === 'error' || (level === 'warning' && one.level === 'warning'),
      )
      .filter((one) => q === '' || matches(`${one.key ?? one.source ?? ''} ${one.reason} ${one.message}`))
      .toReversed();
  }, [known, q, level]);
  useEffect(() => withKeys({ '/': () => field.current?.focus(), Escape: () => field.current?.blur() }), []);
  return (
    <section aria-label="Events">
      <div class="bar">
        <input
          ref={field}
          type="search"
          aria-label="Filter events"
          placeholder="Filter  /"
          value={q}
          onInput={({ currentTarget }) => keep({ q: currentTarget.value })}
        />
        <select
          aria-label="Level"
          value={level}
          onChange={({ currentTarget }) => keep({ level: currentTarget.value })}
        >
          <option value="">Everything</option>
          <option value="warning">Warnings and errors</option>
          <option value="error">Errors</option>
        </select>
      </div>
      {shown.length === 0 ? (
        <Empty title={known.length === 0 ? 'Nothing has happened yet' : 'Nothing fits'} />
      ) : (
        <VirtualList
          label="Events, the newest first"
          heights={shown.map(() => ROW_PX)}
          row={(index) => <Event key={shown[index]?.seq} one={shown[index]} />}
        />
      )}
      {(known[0]?.seq ?? 1) > 1 && <Older before={known[0]?.seq ?? 1} />}
    </section>
  );
}

function Event({ one }: { readonly one: EventInfo | undefined }) {
  if (one === undefined) return null;
  return (
    <div class="row event" role="listitem">
      <span class="muted figures">
        <Clock at={one.at} />
      </span>
      <Badge tone={TONES[one.level]}>{one.reason}</Badge>
      <span class="about">
        {one.key === null ? (
          <span class="muted">{one.source ?? one.receiver ?? 'daemon'}</span>
        ) : (
          <a {...follow(appRoute(splitAppKey(one.key)))}>
            {one.key}
            {one.slot !== null && `:${one.slot}`}
          </a>
        )}
      </span>
      <span class="message" title={plainText(one.message)}>
        {plainText(one.message)}
      </span>
    </div>
  );
}

function Older({ before }: { readonly before: number }) {
  const load = async () => {
    const after = Math.max(0, before - OLDER - 1);
    const answer = await read<EventList>(`/v1/events?after=${after}&limit=${OLDER}`);
    if (answer.ok) events.value = withOlder(events.value, answer.value.items);
    return answer;
  };
  return (
    <Act reads onAct={load}>
      Show earlier ones
    </Act>
  );
}
