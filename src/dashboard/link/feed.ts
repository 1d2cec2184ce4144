import { batch, signal } from '@preact/signals';
import type { AppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import type { EventInfo } from '../../api/contract/wire/events.ts';
import type { FeedItem } from '../../api/contract/wire/dash/feed.ts';
import { withEvents, withList, type Apps } from '../model/feed-state.ts';
import { LogBook } from '../model/log-lines.ts';
import { fromHistory, withRound, type Usage } from '../model/usage-series.ts';
import { session } from './session.ts';

/** `lost`: it is tried again; `away`: nobody looks at this tab, so it holds no connection. */
export type LinkState = 'connecting' | 'live' | 'lost' | 'away';

export const link = signal<LinkState>('connecting');
/** undefined until the first list. */
export const apps = signal<Apps | undefined>(undefined);
export const events = signal<readonly EventInfo[]>([]);
export const usage = signal<Usage>(new Map());
/** Bumped when lines have come in: the book is one and changes. */
export const linesSeen = signal(0);
export const noLogs = signal<Failure | null>(null);
/** Epoch milliseconds, every second, for ages. */
export const now = signal(Date.now());

let book = new LogBook();
let wanted: { readonly logs: AppKey | null; readonly agents: boolean } = { logs: null, agents: false };
let source: EventSource | null = null;
let again: ReturnType<typeof setTimeout> | undefined;
let tries = 0;
let isLinesDue = false;

const SAMPLE_MS = 2_000;
/** A tab that nobody looks at lets its connection go after this: browsers have six of them for all tabs. */
const AWAY_MS = 60_000;
const FIRST_EVENTS = 200;
const MAX_PAUSE_MS = 5_000;

/** The log that is followed. */
export function logBook(): LogBook {
  return book;
}

/** Begins, and goes on by itself until the tab is closed. */
export function beginFeed(): void {
  open();
  let leaving: ReturnType<typeof setTimeout> | undefined;
  document.addEventListener('visibilitychange', () => {
    clearTimeout(leaving);
    if (document.visibilityState === 'hidden') leaving = setTimeout(leave, AWAY_MS);
    else if (source === null) open();
  });
  setInterval(() => (now.value = Date.now()), 1_000);
  setInterval(() => {
    if (apps.value !== undefined && link.value === 'live') {
      usage.value = withRound(usage.value, apps.value, Date.now());
    }
  }, SAMPLE_MS);
}

/** What a screen shows beside what all show: one stream carries it too. */
export function want(next: { readonly logs?: AppKey | null; readonly agents?: boolean }): void {
  const { logs = null, agents = false } = next;
  if (logs === wanted.logs && agents === wanted.agents) return;
  if (logs !== wanted.logs) {
    book = new LogBook();
    noLogs.value = null;
    linesSeen.value += 1;
  }
  wanted = { logs, agents };
  if (source !== null) open();
}

function open(): void {
  clearTimeout(again);
  source?.close();
  const query = new URLSearchParams();
  const last = events.value.at(-1)?.seq;
  if (last === undefined) query.set('events', String(FIRST_EVENTS));
  else query.set('after', String(last));
  if (wanted.agents) query.set('agents', 'true');
  if (wanted.logs !== null) {
    query.set('logs', wanted.logs);
    query.set('lines', '500');
    for (const mark of book.marks.values()) query.append('from', mark);
    if (session.value?.access !== 'write') query.set('redacted', 'true');
  }
  const opened = new EventSource(`/v1/feed?${query.toString()}`);
  source = opened;
  opened.onopen = () => {
    tries = 0;
    link.value = 'live';
  };
  opened.onmessage = ({ data }: MessageEvent<string>) => {
    if (source === opened) take(JSON.parse(data) as FeedItem);
  };
  // By ourselves: the place to go on from is in the address, for the events and for each file of a log.
  opened.onerror = () => {
    if (source === opened) lose();
  };
}

function lose(): void {
  source?.close();
  source = null;
  link.value = 'lost';
  tries += 1;
  again = setTimeout(() => void reopen(), Math.min(MAX_PAUSE_MS, 250 * 2 ** Math.min(tries, 5)));
}

/** A session that has ended looks like a daemon that is gone: it is asked. */
async function reopen(): Promise<void> {
  const known = await fetch('/session', { credentials: 'same-origin' }).catch(() => null);
  if (known?.status === 401) session.value = null;
  else open();
}

function leave(): void {
  source?.close();
  source = null;
  link.value = 'away';
}

function take(item: FeedItem): void {
  batch(() => {
    switch (item.kind) {
      case 'usage':
        usage.value = fromHistory(usage.value, item.usage, Date.now());
        break;
      case 'apps':
        apps.value = withList(apps.value ?? new Map(), item.apps);
        break;
      case 'event':
        events.value = withEvents(events.value, [item.event]);
        break;
      case 'logs':
        book.add(item.logs);
        linesDue();
        break;
      case 'no-logs':
        noLogs.value = item.failure;
        break;
    }
  });
}

/** A flood is drawn once a frame. */
function linesDue(): void {
  if (isLinesDue) return;
  isLinesDue = true;
  requestAnimationFrame(() => {
    isLinesDue = false;
    linesSeen.value += 1;
  });
}
