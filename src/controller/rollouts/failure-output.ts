import { within, type Clock } from '../../lib/clocks/clock.ts';
import { isNodeFrame } from '../../lib/lines/stack-frames.ts';
import type { Driver } from '../../driver/driver.ts';
import type { FailedVerdict, OutputLine, RolloutFailure } from '../../plan/model/rollout.ts';

export interface FailureOutputContext {
  readonly driver: Pick<Driver, 'tail'>;
  readonly clock: Clock;
}

/** Lines that are kept with a failure. */
const LINES = 10;
/** Knowing why is worth a moment and no more: a rollback waits for it. */
const LIMIT_MS = 500;

/** Adds the last lines of the process to the failure when they can be read; `show` hides secrets. */
export async function withOutput(
  { failure, nonce }: FailedVerdict,
  show: (line: string) => string,
  context: FailureOutputContext,
): Promise<RolloutFailure> {
  const logLines = nonce === null ? null : await lastLines(nonce, context);
  if (logLines === null) return failure;
  return { ...failure, logLines: logLines.map(({ stream, line }) => ({ stream, line: show(line) })) };
}

/** The last lines that a process wrote, without blank ones and frames of Node; null: they cannot be read now. */
export async function lastLines(
  nonce: string,
  { driver, clock }: FailureOutputContext,
): Promise<readonly OutputLine[] | null> {
  const tail = await within(LIMIT_MS, driver.tail(nonce), clock);
  if (tail === null || !tail.ok) return null;
  return tail.value.filter(({ line }) => line.trim() !== '' && !isNodeFrame(line)).slice(-LINES);
}
