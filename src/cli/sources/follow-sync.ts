import { shortCommit } from '../../lib/commit-hash.ts';
import type { SourceInfo } from '../../api/contract/wire/sources/sources.ts';
import { ERROR_CODES, type ErrorCode } from '../../lib/error-codes.ts';
import { EXIT, type ExitCode } from '../../lib/exit-codes.ts';
import type { Failure } from '../../lib/failure.ts';
import { formatSpan } from '../../lib/units.ts';
import type { Api } from '../session/api.ts';
import type { CliContext } from '../session/context.ts';
import { unwrap } from '../session/failures.ts';
import { renderFailures } from '../views/failure.ts';
import type { Style } from '../views/text/terminal.ts';

/** How often it is asked how far a source is. */
const LOOK_MS = 150;

export interface FollowSync {
  /** The source when it was asked: what had been passed before is not told again. */
  readonly before: SourceInfo;
  readonly api: Api;
  readonly name: string;
  readonly timeoutMs: number;
  readonly context: CliContext;
  readonly style: Style;
}

/** Waits until a source has dealt with what was asked of it, and tells what came of it. */
export async function followSync({
  before,
  api,
  name,
  timeoutMs,
  context,
  style,
}: FollowSync): Promise<ExitCode> {
  const { clock, streams } = context;
  const until = clock.monotonic() + timeoutMs;
  const say = (line: string): void => void streams.stderr.write(`${line}\n`);
  const fail = (failures: readonly Failure[]): void =>
    void streams.stderr.write(renderFailures(failures, style));
  const told = new Set(before.status.conditions.map(lineOf));
  for (;;) {
    const info = unwrap(await api.source({ name }));
    for (const condition of info.status.conditions) {
      const line = lineOf(condition);
      if (condition.status !== 'True' || told.has(line)) continue;
      told.add(line);
      say(line);
    }
    const end = endOf(info);
    if (end !== null) {
      if (end.failures.length > 0) fail(end.failures);
      return end.exit;
    }
    if (clock.monotonic() > until) {
      const message = `source ${name} is not done after ${formatSpan(timeoutMs)}: ${info.status.message ?? info.status.state}`;
      fail([
        {
          code: 'WAIT_TIMEOUT',
          message,
          hint: `the daemon goes on; stateward source describe ${name} shows how far it is`,
        },
      ]);
      return EXIT.TIMEOUT;
    }
    await new Promise<void>((resolve) => void clock.after(LOOK_MS, resolve));
  }
}

function lineOf({ type, message, version }: SourceInfo['status']['conditions'][number]): string {
  return `${type}: ${message}${version === null ? '' : ` (${shortCommit(version)})`}`;
}

/** What is wrong by now with what was brought in before. */
const OF_NOW = ['Unwell', 'ReleaseEdited', 'SourceDrifted', 'NOTE_NOT_PUSHED'];

/** How it has ended; null: it goes on. */
function endOf({
  name,
  status,
}: SourceInfo): { readonly exit: ExitCode; readonly failures: readonly Failure[] } | null {
  const { waitsFor, asked, applied, conditions } = status;
  if (asked !== null || waitsFor === null) return null;
  const bad = conditions.find(({ status: is, reason }) => is === 'False' && !OF_NOW.includes(reason));
  if (bad !== undefined) {
    const code: ErrorCode = Object.hasOwn(ERROR_CODES, bad.reason) ? (bad.reason as ErrorCode) : 'APP_FAILED';
    const failures = bad.failures ?? [
      { code, message: `source ${name}: ${bad.message}`, hint: `stateward source describe ${name}` },
    ];
    return { exit: ERROR_CODES[code], failures };
  }
  if (applied?.outcome === 'pending') return null;
  return { exit: EXIT.OK, failures: [] };
}
