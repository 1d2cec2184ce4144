import type { ReadStream, WriteStream } from 'node:tty';
import type { App } from '../../api/contract/wire/apps.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { Api } from '../session/api.ts';
import type { Style } from '../views/text/terminal.ts';
import type { Action, TextTopic } from './model/state.ts';

/**
 * What monit gets from the command line, which is a program of its own: monit is loaded by `monit` alone, and what reads
 * ecosystem files is not loaded for it once more.
 */
export interface MonitPorts {
  readonly api: Api;
  readonly clock: Clock;
  readonly style: Style;
  readonly input: ReadStream;
  readonly output: WriteStream;
  readonly readOnly: boolean;
  readonly selectors: readonly string[];
  /**
   * Lines that are looked up, without their ends; `live` is what the watch has said last of the app. Never rejects: what
   * goes wrong is told in them.
   */
  readonly load: (topic: TextTopic, app: AppKey | null, live: App | undefined) => Promise<readonly string[]>;
  /** Does what was asked for; says what came of it. Rejects with an error that says why not. */
  readonly act: (action: Action, app: AppKey) => Promise<string>;
  /** A thrown value in one line. */
  readonly textOf: (error: unknown) => string;
}

/** How monit ended: somebody has left it, or a signal is to end the process. */
export type MonitEnd = 'left' | NodeJS.Signals;
