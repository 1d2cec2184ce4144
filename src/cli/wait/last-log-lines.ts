import type { LogLine } from '../../api/contract/wire/logs.ts';
import type { AppKey } from '../../lib/app-key.ts';
import { isNodeFrame } from '../../lib/lines/stack-frames.ts';
import { redactText } from '../../spec/secrets/redact.ts';
import type { Api } from '../session/api.ts';
import { renderOutputLine } from '../views/apps/log-line.ts';

const LINES = 10;
/** Asked for, so that enough is left: the frames of Node itself are most of a stack, and say nothing of the app. */
const LINES_READ = 30;
const BROKEN: readonly string[] = ['CrashLoop', 'Failed', 'Degraded'];

/** Whether what an app printed last says why it is as it is. */
export function isBroken(health: string): boolean {
  return BROKEN.includes(health);
}

/** The end of each file of a log. */
export type LogTail = readonly LogFile[];

interface LogFile extends Pick<LogLine, 'slot' | 'stream'> {
  readonly lines: readonly string[];
}

export function isSameFile(one: LogFile, other: LogFile): boolean {
  return one.slot === other.slot && one.stream === other.stream;
}

/** The end of an app's log as it is shown with what happened to it. */
export async function lastLogLines(app: AppKey, api: Api): Promise<readonly string[]> {
  return shownLines(await readLogTail(app, api, null));
}

/**
 * The end of the log of an app, or of one slot of it; nothing when it cannot be read, since what it is shown with is what
 * matters.
 */
export async function readLogTail(app: AppKey, api: Api, slot: number | null): Promise<LogTail> {
  const files: { readonly slot: number | null; readonly stream: 'out' | 'err'; readonly lines: string[] }[] =
    [];
  try {
    const selectors = [slot === null ? app : `${app}:${slot}`];
    // Apart: an app that goes on printing would leave no room for what it has complained of.
    for (const stream of ['out', 'err'] as const) {
      const query = { selectors, lines: LINES_READ, stream, follow: false, redacted: true } as const;
      for await (const { line, slot: from } of api.logs(query)) {
        const file = files.find((one) => isSameFile(one, { slot: from, stream, lines: [] }));
        if (file === undefined) files.push({ slot: from, stream, lines: [line] });
        else file.lines.push(line);
      }
    }
  } catch {
    return [];
  }
  return files;
}

/** The last lines of a log for people, those of standard error last. */
export function shownLines(tail: LogTail): readonly string[] {
  const order = [...tail].sort((a, b) => Number(a.stream === 'err') - Number(b.stream === 'err'));
  const lines = order.flatMap(({ stream, lines }) =>
    lines
      .filter((line) => line.trim() !== '' && !isNodeFrame(line))
      .map((line) => renderOutputLine({ stream, line: redactText(line) })),
  );
  return lines.slice(-LINES);
}
