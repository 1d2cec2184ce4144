import { join } from 'node:path';
import type { HomeLayout } from '../../home/layout.ts';
import { settingChanges } from '../../home/settings/setting-changes.ts';
import { within, type Clock } from '../../lib/clocks/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import type { Reason } from '../../plan/model/reasons.ts';
import { outsideOfInstances } from '../../runner/processes/nonce.ts';
import type { EventRecord } from '../../state/model/types.ts';
import { stateLayout } from '../../state/disk/layout.ts';
import type { Store } from '../../state/store.ts';
import { readKept } from './kept-settings.ts';
import { readApart } from './read-apart.ts';
import { SettingsBook } from './settings-book.ts';
import { SettingsWatch, type SettingsNews } from './settings-watch.ts';

export interface OpenSettingsOptions {
  readonly options: {
    readonly distDir: string;
    readonly environment: Readonly<NodeJS.ProcessEnv>;
    readonly log: (line: string) => void;
  };
  readonly paths: HomeLayout;
  readonly store: Pick<Store, 'appendEvent'>;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/** The settings of a home, as its controller follows them. */
export interface HomeSettings {
  readonly book: SettingsBook;
  /** Resolves when what the file says now is taken over, or known to be broken. */
  readonly look: () => Promise<void>;
  readonly close: () => void;
}

/** A start waits no longer for a file that takes long to read: it is taken over when it is read. */
const PATIENCE_MS = 5_000;

/** Reads the settings of a home, and follows their file from then on. A file that was read before costs no process. */
export async function openSettings({
  options,
  paths,
  store,
  clock,
  onError,
}: OpenSettingsOptions): Promise<HomeSettings> {
  const { log, distDir, environment } = options;
  const { home, settings: path, state } = paths;
  const keptPath = stateLayout(state).settings;
  const tell = (level: EventRecord['level'], reason: Reason, message: string): void => {
    log(`settings: ${message}`);
    const aboutHome = { key: null, slot: null, pid: null, generation: null };
    store.appendEvent({ ...aboutHome, at: clock.now(), level, reason, message });
  };
  const none = { values: {}, places: {}, hash: null, takenAt: clock.now() };
  const kept = (await readKept(keptPath, { home, now: clock.now(), repair: true, log })) ?? none;
  const book = new SettingsBook(home, kept, onError);
  book.onReport(({ part, failure }) => {
    if (failure !== null) tell('warning', 'HomeSettingFailed', failureText(failure));
    else tell('info', 'HomeSettingFollowed', `${part}: what the settings say holds now`);
  });
  const apart = {
    program: join(distDir, 'declare.cjs'),
    environment: outsideOfInstances(environment),
    clock,
  };
  const watch = new SettingsWatch({
    ...{ path, keptPath, book, clock, log, onError },
    read: (bytes) => readApart(bytes, { shown: path, home }, apart),
    told: (news) => {
      for (const { level, reason, message } of eventsOf(news, path)) tell(level, reason, message);
    },
  });
  await within(PATIENCE_MS, watch.look().catch(onError), clock);
  watch.begin();
  return { book, look: () => watch.look(), close: () => watch.close() };
}

function* eventsOf(
  news: SettingsNews,
  path: string,
): Generator<{ readonly level: EventRecord['level']; readonly reason: Reason; readonly message: string }> {
  if (news.kind === 'broken') {
    const [first, ...others] = news.failures;
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
    const text = first === undefined ? path : failureText(first);
    yield {
      level: 'warning',
      reason: 'HomeSettingsBroken',
      message: `${text}${more}; what was taken over before holds`,
    };
    return;
  }
  const changes = settingChanges(news.before.values, news.after.values);
  if (news.mended) {
    yield { level: 'info', reason: 'HomeSettingsMended', message: `${path} can be used again` };
  }
  if (changes.length > 0) {
    yield { level: 'info', reason: 'HomeSettingsChanged', message: changes.join('; ') };
  }
}

/** `/home/config.yaml:3:5: limits.builds: "x" is not an integer (for example 1)` */
function failureText({ message, hint, position }: Failure): string {
  const { file, line, column } = position ?? {};
  const place = file === undefined || line === undefined ? '' : `${file}:${line}:${column ?? 1}: `;
  return `${place}${message}${hint === undefined ? '' : ` (${hint})`}`;
}
