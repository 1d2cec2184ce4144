import { lstatSync, watch } from 'node:fs';
import type { Server } from 'node:net';
import { basename, dirname } from 'node:path';
import { systemClock, type Cancel, type Clock } from '../clocks/clock.ts';
import { inStep } from '../clocks/in-step.ts';

/** Where nothing tells of what becomes of a folder, it is looked at this often. */
const LOOK_MS = 2_000;

export interface KeepSocketOptions {
  /** It listens at `path`. */
  readonly server: Server;
  readonly path: string;
  readonly clock?: Pick<Clock, 'after'>;
  /** Has the server listen at the path, as it did the first time. */
  readonly listen: () => Promise<void>;
  readonly log: (line: string) => void;
}

/**
 * Makes the socket of a server again when its file was removed or another one put in its place: connections go on, but
 * nobody else would find the server any more. To be called off before the server is closed.
 */
export function keepSocket({
  server,
  path,
  clock = inStep(systemClock),
  listen,
  log,
}: KeepSocketOptions): Cancel {
  let ours = fileAt(path);
  let isBusy = false;
  const off = new AbortController();
  const closeIfOff = (): void => {
    if (off.signal.aborted) server.close();
  };
  // One that was removed before it was looked at is no file to find there.
  const isThere = (): boolean => ours !== null && fileAt(path) === ours;
  const look = async (): Promise<void> => {
    if (off.signal.aborted || isBusy || isThere()) return;
    isBusy = true;
    if (server.listening) {
      log(`${path} was removed or replaced: making it again`);
      server.close();
    }
    // In a folder that is gone it fails until that is there again.
    const isMade = await listen().then(
      () => true,
      () => false,
    );
    if (isMade) ours = fileAt(path);
    isBusy = false;
    closeIfOff();
    // What was told meanwhile was not listened to.
    if (isMade) void look();
  };
  let cancel: Cancel = () => undefined;
  const lookLater = (): void => {
    cancel = clock.after(LOOK_MS, () => {
      void look();
      lookLater();
    });
  };
  lookLater();
  const unwatch = watchFor(path, () => void look());
  return () => {
    off.abort();
    cancel();
    unwatch();
  };
}

function watchFor(path: string, onChange: () => void): Cancel {
  try {
    const watcher = watch(dirname(path), { persistent: false }, (_, name) => {
      if (name === basename(path)) onChange();
    });
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    // The host has no watches left.
    return () => undefined;
  }
}

/** Tells a file from another one that has its number later. */
function fileAt(path: string): string | null {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats === undefined ? null : `${stats.dev}:${stats.ino}:${stats.birthtimeMs}`;
}
