import type { AppKey } from '../../lib/app-key.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { OutputLine } from '../../plan/model/rollout.ts';
import type { RunnerResult } from '../../runner/protocol/messages.ts';
import type { AppLogUsage, DriverError, EmptiedLog, HandedOver } from '../driver.ts';

/** Answers of the runner in the words of the driver. */

type Answer = Result<RunnerResult, DriverError>;

export function doneOf(answer: Answer): Result<void, DriverError> {
  return answer.ok ? ok(undefined) : answer;
}

export function linesOf(answer: Answer): Result<readonly OutputLine[], DriverError> {
  if (!answer.ok) return answer;
  if (answer.value.kind !== 'tail') return err(noAnswer());
  return ok(
    answer.value.lines.map(({ stream, line }) => ({ stream: stream === 'error' ? 'err' : 'out', line })),
  );
}

export function handedOverOf(answer: Answer): Result<HandedOver, DriverError> {
  if (!answer.ok) return answer;
  return answer.value.kind === 'handed-over' ? ok(answer.value) : err(noAnswer());
}

export function flushedOf(answer: Answer): Result<readonly EmptiedLog[], DriverError> {
  if (!answer.ok) return answer;
  return answer.value.kind === 'flushed' ? ok(answer.value.files) : err(noAnswer());
}

export function loggedOf(answer: Answer): Result<readonly AppLogUsage[], DriverError> {
  if (!answer.ok) return answer;
  if (answer.value.kind !== 'log-usage') return err(noAnswer());
  return ok(answer.value.apps.map((one) => ({ ...one, app: one.app as AppKey })));
}

export function noAnswer(): DriverError {
  return { code: 'refused', message: 'the answer of the runner does not fit the request' };
}
