import { join } from 'node:path';
import type { ApiBackend } from '../../api/contract/endpoints/backend.ts';
import type { HomeLayout } from '../../home/layout.ts';
import { systemClock } from '../../lib/clocks/clock.ts';
import { stateLayout } from '../../state/disk/layout.ts';
import { readKept } from './kept-settings.ts';
import { readApart } from './read-apart.ts';
import { SettingsBook } from './settings-book.ts';
import { settingsRequests } from './settings-requests.ts';
import { SettingsWatch } from './settings-watch.ts';

/** The settings that a controller would go by if it were started now; nothing is written. */
export function offlineSettings(
  paths: HomeLayout,
  distDir: string,
  environment: Readonly<NodeJS.ProcessEnv>,
): Pick<ApiBackend, 'settings'> {
  return {
    async settings(request) {
      const { home, settings: path, state } = paths;
      const nobody = (): void => undefined;
      const quiet = { home, now: systemClock.now(), repair: false, log: nobody };
      const none = { values: {}, places: {}, hash: null, takenAt: systemClock.now() };
      const kept = await readKept(stateLayout(state).settings, quiet);
      const book = new SettingsBook(home, kept ?? none, nobody);
      const apart = { program: join(distDir, 'declare.cjs'), environment, clock: systemClock };
      const watch = new SettingsWatch({
        ...{ path, keptPath: null, book, clock: systemClock, told: nobody, log: nobody, onError: nobody },
        read: (bytes) => readApart(bytes, { shown: path, home }, apart),
      });
      const look = (): Promise<void> => watch.look();
      await look();
      return settingsRequests({ book, look }, path).settings(request);
    },
  };
}
