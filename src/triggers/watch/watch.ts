import { relative } from 'node:path';
import type { AppKey } from '../../lib/app-key.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { Driver } from '../../driver/driver.ts';
import { effectiveInstances, runMode } from '../../plan/slots/effective.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import type { Condition } from '../../plan/model/health.ts';
import { AppWatch, type WatchSettings, type WatchState } from './app-watch.ts';
import { openFileWatcher, type OpenFileWatcher } from './file-watcher.ts';
import { showCondition, withdrawCondition, type Showing } from '../show-condition.ts';
import type { Trigger, TriggerOutlet, TriggerView } from '../trigger.ts';

export interface WatchOptions extends Showing {
  readonly clock: Clock;
  readonly outlet: TriggerOutlet;
  readonly driver: Pick<Driver, 'logFiles'>;
  /** Where stateward itself writes, absolute. */
  readonly paths: { readonly home: string };
  /** Absent: chokidar. */
  readonly open?: OpenFileWatcher;
}

/** Has an effect with `usePolling` only. */
const POLL_MS = 100;

interface Watched {
  readonly app: DesiredApp;
  /** The settings in one text, to tell whether they changed. */
  readonly settings: string;
  readonly watch: AppWatch;
}

/**
 * Asks for a restart of an app when a file that it watches changes: one watcher an app, one restart a burst of
 * changes. What is changed while the app is being replaced asks again, so the last process has seen the last change.
 * An app that is stopped is not watched: it will read its files when it starts.
 */
export function watchTrigger(options: WatchOptions): Trigger {
  const watched = new Map<AppKey, Watched>();
  const drop = (key: AppKey): void => {
    watched.get(key)?.watch.close();
    if (watched.delete(key)) withdrawCondition(options, key, 'Watching');
  };
  const take = (app: DesiredApp): void => {
    const before = watched.get(app.key);
    if (before?.app === app) return;
    const settings = settingsOf(app, ownPaths(app, options));
    const text = JSON.stringify(settings);
    if (before?.settings === text) {
      watched.set(app.key, { ...before, app });
      return;
    }
    before?.watch.close();
    watched.set(app.key, { app, settings: text, watch: startWatch(app.key, settings, options) });
  };
  return {
    sync(view) {
      const wanted = new Map(wantedApps(view).map((app) => [app.key, app]));
      for (const key of [...watched.keys()]) if (!wanted.has(key)) drop(key);
      for (const app of wanted.values()) take(app);
    },
    close() {
      for (const { watch } of watched.values()) watch.close();
      watched.clear();
    },
  };
}

function startWatch(key: AppKey, settings: WatchSettings, options: WatchOptions): AppWatch {
  const { clock, outlet, open = openFileWatcher } = options;
  return new AppWatch({
    clock,
    open,
    settings,
    onChanged: (detail) => outlet.requestRestart({ key, slot: null, reason: 'FileChanged', detail }),
    onState: (state) => {
      const condition = conditionOf(state, settings);
      showCondition(options, key, condition, condition.status === 'False' ? 'warning' : null);
    },
  });
}

/** Files and folders that stateward itself writes for an app: their changes do not count. */
function ownPaths(app: DesiredApp, { driver, paths }: WatchOptions): readonly string[] {
  const files = new Set([paths.home]);
  for (let slot = 0; slot < effectiveInstances(app.spec, app.override); slot++) {
    const { outFile, errorFile, combinedFile } = driver.logFiles(app, slot);
    for (const file of [outFile, errorFile, combinedFile]) if (file !== null) files.add(file);
  }
  return [...files];
}

/** Apps that watch files and are to run, or run though nobody asked for it (`autostart: false`). */
function wantedApps({ apps, instances }: TriggerView): readonly DesiredApp[] {
  const watching = apps.filter(({ spec }) => spec.watch !== false);
  if (watching.length === 0) return [];
  const live = new Set(instances.filter(({ state }) => state !== 'exited').map(({ key }) => key));
  return watching.filter(({ key, spec, override }) => {
    const mode = runMode(spec, override);
    return mode === 'running' || (mode === 'idle' && live.has(key));
  });
}

function settingsOf({ spec }: DesiredApp, ownPaths: readonly string[]): WatchSettings {
  const { cwd, watch, ignore_watch: ignore, watch_options: options } = spec;
  return {
    cwd,
    paths: typeof watch === 'boolean' ? [] : watch,
    ignore,
    ownPaths,
    delayMs: spec.watch_delay,
    polling: options?.usePolling ?? false,
    intervalMs: options?.interval ?? POLL_MS,
    followSymlinks: options?.followSymlinks ?? true,
    depth: options?.depth ?? null,
  };
}

function conditionOf(state: WatchState, { cwd, paths }: WatchSettings): Condition {
  const type = 'Watching';
  if (state.kind === 'failed') {
    return { type, status: 'False', reason: 'WatchFailed', message: explain(state.error) };
  }
  const what = paths.length === 0 ? cwd : paths.join(', ');
  const missing = state.missing.map((path) => relative(cwd, path) || path).join(', ');
  const message = `watching ${what}${missing === '' ? '' : `; not there yet: ${missing}`}`;
  return { type, status: 'True', reason: 'Watching', message };
}

/** What to do when the system gives no more watches. */
function explain({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ENOSPC':
      return 'ENOSPC: no inotify watches are left: raise fs.inotify.max_user_watches (sysctl), or watch less';
    case 'EMFILE':
      return 'EMFILE: no inotify instances or files are left: raise fs.inotify.max_user_instances (sysctl), or the limit of open files';
    default:
      return message;
  }
}
