import type { AppKey } from '../../lib/app-key.ts';

/** The numbers as kept on disk: per app, the number of each slot. */
export interface InstanceIdsData {
  readonly next: number;
  readonly ids: Readonly<Record<AppKey, Readonly<Record<string, number>>>>;
}

/**
 * The short numbers that `get` shows and selectors take. A number stays with its slot until the app is deleted; the
 * counter grows, and starts at 0 again when no app is left (as PM2 users know it).
 */
export interface InstanceIds {
  /** The number of a slot; a new one is given out when it has none. */
  idOf(key: AppKey, slot: number): number;
  /** Frees the numbers of every app that is not there any more. */
  retain(isThere: (key: AppKey) => boolean): void;
  /** The app has another name now, and keeps its numbers. */
  rename(from: AppKey, to: AppKey): void;
  /** What to write; undefined: nothing has changed since the last call. */
  takeChanges(): InstanceIdsData | undefined;
  /** The last changes could not be written: the next call gives them again. */
  markChanged(): void;
}

export function createInstanceIds(data: InstanceIdsData | undefined): InstanceIds {
  const ids = new Map<AppKey, Map<number, number>>();
  for (const [key, slots] of Object.entries(data?.ids ?? {})) {
    ids.set(key as AppKey, new Map(Object.entries(slots).map(([slot, id]) => [Number(slot), id])));
  }
  let next = data?.next ?? 0;
  let changed = false;
  return {
    idOf(key, slot) {
      let slots = ids.get(key);
      if (slots === undefined) ids.set(key, (slots = new Map<number, number>()));
      const known = slots.get(slot);
      if (known !== undefined) return known;
      const id = next++;
      slots.set(slot, id);
      changed = true;
      return id;
    },
    retain(isThere) {
      for (const key of ids.keys()) {
        if (!isThere(key)) changed = ids.delete(key) || changed;
      }
      if (ids.size === 0) next = 0;
    },
    rename(from, to) {
      const slots = ids.get(from);
      if (slots === undefined) return;
      ids.delete(from);
      ids.set(to, slots);
      changed = true;
    },
    takeChanges() {
      if (!changed) return undefined;
      changed = false;
      const entries = [...ids].map(([key, slots]) => [key, Object.fromEntries(slots)] as const);
      return { next, ids: Object.fromEntries(entries) };
    },
    markChanged() {
      changed = true;
    },
  };
}
