import type { Clock } from '../lib/clock.ts';
import type { Driver } from '../driver/driver.ts';
import { effectiveInstances } from '../plan/slots/effective.ts';
import type { DesiredApp } from '../plan/model/types.ts';
import type { StatusTable } from '../reconcile/status-table.ts';
import type { Store } from '../state/store.ts';
import { openFileWatcher } from '../triggers/watch/file-watcher.ts';
import type { Trigger, TriggerOutlet } from '../triggers/trigger.ts';
import { watchTrigger, type WatchOptions } from '../triggers/watch/watch.ts';
import type { HomeLayout } from '../home/layout.ts';

export interface FileTriggerOptions {
  readonly clock: Clock;
  readonly outlet: TriggerOutlet;
  readonly paths: HomeLayout;
  readonly driver: Pick<Driver, 'logFiles'>;
  readonly status: StatusTable;
  readonly store: Store;
}

/** Watches files, and shows how that goes as a condition of the app; where it cannot, as an event too. */
export function fileTrigger({ clock, outlet, driver, paths, status, store }: FileTriggerOptions): Trigger {
  const report: WatchOptions['report'] = (key, condition) => {
    if (!status.report(key, 'Watching', condition)) return;
    outlet.submit(key);
    if (condition?.status !== 'False') return;
    const { reason, message } = condition;
    const at = clock.now();
    store.appendEvent({
      at,
      level: 'warning',
      reason,
      message,
      key,
      slot: null,
      pid: null,
      generation: null,
    });
  };
  const ownPaths = (app: DesiredApp): readonly string[] => [paths.home, ...logFiles(app, driver)];
  return watchTrigger({ clock, outlet, open: openFileWatcher, ownPaths, report });
}

function logFiles(app: DesiredApp, driver: FileTriggerOptions['driver']): readonly string[] {
  const files = new Set<string>();
  for (let slot = 0; slot < effectiveInstances(app.spec, app.override); slot++) {
    const { outFile, errorFile, combinedFile } = driver.logFiles(app, slot);
    for (const file of [outFile, errorFile, combinedFile]) if (file !== null) files.add(file);
  }
  return [...files];
}
