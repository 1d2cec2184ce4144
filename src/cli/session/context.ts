import type { Clock } from '../../lib/clocks/clock.ts';
import type { Streams } from '../views/text/terminal.ts';

/** The files of the build, by absolute path: nothing below asks where it was loaded from. */
export interface BuiltFiles {
  readonly daemon: string;
  readonly evaluate: string;
  readonly schema: string;
  /** Folder of the documentation. */
  readonly docs: string;
}

/** What a command gets from its process; tests give their own. */
export interface CliContext {
  readonly streams: Streams;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
  readonly version: string;
  readonly files: BuiltFiles;
  /** Called when the daemon has done something that was asked of it. */
  readonly onActed?: () => void;
}
