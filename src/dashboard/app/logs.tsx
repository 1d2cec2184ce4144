import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { App } from '../../api/contract/wire/apps.ts';
import { linesSeen, logBook, noLogs } from '../link/feed.ts';
import { filtered, LINES_KEPT, type LogFilter, type ShownLine } from '../model/log-lines.ts';
import { told } from '../parts/act.tsx';
import { Failed } from '../parts/said.tsx';
import { withKeys } from '../shell/keys.ts';
import { keep, route } from '../shell/navigate.ts';
import { LineList } from './line-list.tsx';
import { useLogRange } from './log-range.ts';

const RANGES = [
  ['', 'Live'],
  ['15m', 'Last 15 min'],
  ['1h', 'Last hour'],
  ['24h', 'Last day'],
  ['7d', 'Last 7 days'],
] as const;

/** The log of an app: followed, or of a time that is over; what is filtered stands in the address. */
export function Logs({ app }: { readonly app: App }) {
  const { query } = route.value;
  const [isFollowing, setFollowing] = useState(true);
  const field = useRef<HTMLInputElement>(null);
  const range = query['range'] ?? '';
  const past = useLogRange(app, query);
  // The book is one and changes: its lines are new when this number is.
  const seen = linesSeen.value;
  const filter = filterOf(query);
  const live = useMemo(
    () => filtered(logBook().lines, filter),
    [seen, query['q'], query['stream'], query['level'], query['slot']],
  );
  const lines = past === null ? live : past.ok ? filtered(past.value, filter) : [];
  useEffect(
    () =>
      withKeys({
        '/': () => field.current?.focus(),
        f: () => setFollowing((known) => !known),
        Escape: () => field.current?.blur(),
      }),
    [],
  );
  return (
    <section class="logs" aria-label="Logs">
      <div class="bar">
        <input
          ref={field}
          type="search"
          aria-label="Filter lines"
          placeholder="Filter, or /regex/"
          value={query['q'] ?? ''}
          onInput={({ currentTarget }) => keep({ q: currentTarget.value })}
        />
        <Choice name="range" label="Time" of={RANGES} />
        <Choice
          name="level"
          label="Level"
          of={[
            ['', 'All levels'],
            ['info', 'Info and worse'],
            ['warn', 'Warnings, errors'],
            ['error', 'Errors'],
          ]}
        />
        <Choice
          name="stream"
          label="Stream"
          of={[
            ['', 'Both streams'],
            ['out', 'Output'],
            ['err', 'Errors (stderr)'],
          ]}
        />
        <Choice
          name="slot"
          label="Instance"
          of={[
            ['', 'All instances'],
            ...slotsOf(app).map((slot) => [String(slot), `Instance ${slot}`] as const),
          ]}
        />
        <span class="grow" />
        {range === '' && (
          <button type="button" aria-pressed={isFollowing} onClick={() => setFollowing(!isFollowing)}>
            {isFollowing ? 'Following' : 'Follow'}
          </button>
        )}
        <button type="button" onClick={() => void copyLink(lines)}>
          Copy link
        </button>
      </div>
      {noLogs.value !== null && range === '' && <Failed failure={noLogs.value} />}
      {past !== null && !past.ok && <Failed failure={past.error} />}
      <LineList
        lines={lines}
        isFollowing={isFollowing && range === ''}
        onLeave={() => setFollowing(false)}
        marked={query['at'] ?? ''}
        hasSlots={slotsOf(app).length > 1}
      />
      <p class="muted figures counted">
        {lines.length.toLocaleString('en')} {lines.length === 1 ? 'line' : 'lines'}
        {range === '' && logBook().dropped > 0
          ? ` · this page keeps the last ${LINES_KEPT.toLocaleString('en')}; a time above shows earlier ones`
          : ''}
      </p>
    </section>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  readonly of: readonly (readonly [value: string, text: string])[];
}

function Choice({ name, label, of }: ChoiceProps) {
  return (
    <select
      aria-label={label}
      value={route.value.query[name] ?? ''}
      onChange={({ currentTarget }) => keep({ [name]: currentTarget.value })}
    >
      {of.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  );
}

function filterOf(query: Readonly<Record<string, string>>): LogFilter {
  const { q = '', stream, level, slot } = query;
  return {
    text: q,
    stream: stream === 'out' || stream === 'err' ? stream : 'all',
    level: level === 'info' || level === 'warn' || level === 'error' ? level : 'all',
    slot: slot !== undefined && /^\d+$/.test(slot) ? Number(slot) : null,
  };
}

function slotsOf({ status }: App): readonly number[] {
  return [...new Set(status.instances.map(({ slot }) => slot))].sort((one, other) => one - other);
}

/** An address that shows the same lines: the filters, and the time around the last one. */
async function copyLink(lines: readonly ShownLine[]): Promise<void> {
  const url = new URL(location.href);
  const last = lines.findLast(({ time }) => time !== null)?.time;
  if (last != null && !url.searchParams.has('at')) url.searchParams.set('at', last);
  try {
    await navigator.clipboard.writeText(url.href);
    told.value = { text: 'The link is copied.' };
  } catch {
    told.value = { text: url.href };
  }
}
