import type { Clock } from '../../lib/clocks/clock.ts';
import type { LogSource } from '../../lib/log-times/log-stamp.ts';
import type { DaemonStream, LogSettings } from '../protocol/orders.ts';
import type { NearDisk } from './near-disk.ts';
import type { TimesIndex } from './times/times-index.ts';

export interface LogFileOptions {
  readonly path: string;
  readonly clock: Clock;
  /** The home's own folder for logs. */
  readonly folder: string;
  readonly nearDisk: NearDisk;
  /** FIFOs that `daemon run` reads from while it runs. */
  readonly streams: Readonly<Record<DaemonStream, string>>;
  /** Where `stateward run` listens while it runs. */
  readonly linesSocket?: string;
  /** Where the times of lines are kept; left out: nowhere. */
  readonly times?: TimesIndex;
  /** There is a rotated file more. */
  readonly onRotated: () => void;
  /** So many lines did not get into it. */
  readonly onDropped?: (lines: number) => void;
  /** Something else is the matter with the file, or nothing any more: `problems` says what. */
  readonly changed: () => void;
  /** One line for the daemon's log. */
  readonly log: (message: string) => void;
}

/** How the newest user of the file wants it. */
export interface LogFileSettings {
  readonly rotate: LogSettings['rotate'];
  readonly json: boolean;
  /** The app, `project/name`, whose files are counted together; left out: of none. */
  readonly app?: string;
}

/** Whose lines they are. */
export interface LineWriter {
  readonly source: LogSource;
}
