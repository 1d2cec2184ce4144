/** What an app has written since the runner began. */
export interface LogUsageInfo {
  readonly bytes: number;
  /** That a log file did not take in time. */
  readonly droppedLines: number;
}

/** `file`: an absolute path; `-`: standard input. `line`: from 1; null: it is not known which. */
export interface SettingOrigin {
  readonly file: string;
  readonly line: number | null;
}
