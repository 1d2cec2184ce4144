import { splitAppKey, type AppKey } from '../../lib/app-key.ts';
import type { HookRecord } from '../../plan/model/hooks.ts';
import type { SlotHistory } from '../../plan/model/observed.ts';
import type { AppHistory } from '../model/types.ts';

/** One history file: the apps of one project. */
export interface ProjectHistoryData {
  readonly project: string;
  readonly apps: readonly AppHistory[];
}

/** Remembers every app across its processes, and which projects have changes that are not on disk yet. */
export interface AppHistories {
  get(key: AppKey): AppHistory;
  all(): readonly AppHistory[];
  setSlots(key: AppKey, slots: readonly SlotHistory[]): void;
  setHooks(key: AppKey, hooks: readonly HookRecord[]): void;
  setCronTick(key: AppKey, at: number): void;
  forget(key: AppKey): void;
  /** The app has another name now. */
  rename(from: AppKey, to: AppKey): void;
  /** What to write, one entry a project; empty when nothing has changed since the last call. */
  takeChanges(): readonly ProjectHistoryData[];
  /** The changes of a project could not be written: the next call gives them again. */
  markChanged(project: string): void;
}

export function createAppHistories(stored: readonly AppHistory[]): AppHistories {
  const histories = new Map<AppKey, AppHistory>(stored.map((history) => [history.key, history]));
  const changed = new Set<string>();
  const get = (key: AppKey): AppHistory => histories.get(key) ?? { key, slots: [] };
  const put = (history: AppHistory): void => {
    histories.set(history.key, history);
    changed.add(splitAppKey(history.key).project);
  };
  return {
    get,
    all: () => [...histories.values()],
    setSlots: (key, slots) => put({ ...get(key), slots }),
    setHooks: (key, hooks) => put({ ...get(key), hooks }),
    setCronTick: (key, at) => put({ ...get(key), lastCronTick: at }),
    forget(key) {
      if (histories.delete(key)) changed.add(splitAppKey(key).project);
    },
    rename(from, to) {
      const history = histories.get(from);
      if (history === undefined) return;
      histories.delete(from);
      changed.add(splitAppKey(from).project);
      put({ ...history, key: to });
    },
    takeChanges() {
      const projects = [...changed];
      changed.clear();
      return projects.map((project) => ({
        project,
        apps: [...histories.values()].filter(({ key }) => splitAppKey(key).project === project),
      }));
    },
    markChanged(project) {
      changed.add(project);
    },
  };
}
