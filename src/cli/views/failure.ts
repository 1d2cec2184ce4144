import type { Failure } from '../../lib/failure.ts';
import { redactFailure } from '../../spec/secrets/redact-failure.ts';
import type { Style } from './text/terminal.ts';
import { count } from './text/quantities.ts';

/**
 * Failures for people: `error[CODE]: message`, the place in the file with its frame, details, and the way out. With more
 * than one, a last line counts them.
 */
export function renderFailures(failures: readonly Failure[], style: Style): string {
  const blocks = failures.map((failure) => renderFailure(failure, 'error', style));
  const total = failures.length > 1 ? `\n${count(failures.length, 'error')}\n` : '';
  return blocks.join('\n') + total;
}

/** Warnings in the same form as errors. */
export function renderWarnings(warnings: readonly Failure[], style: Style): string {
  return warnings.map((warning) => renderFailure(warning, 'warning', style)).join('');
}

function renderFailure(given: Failure, kind: 'error' | 'warning', style: Style): string {
  const failure = redactFailure(given);
  const paint = kind === 'error' ? style.red : style.yellow;
  const lines = [`${style.bold(paint(`${kind}[${failure.code}]`))}: ${failure.message}`];
  if (failure.position !== undefined) {
    const { file, line, column } = failure.position;
    const place = [file, line, column].filter((part) => part !== undefined).join(':');
    lines.push(`  ${style.cyan('-->')} ${place}`);
  }
  if (failure.frame !== undefined) lines.push(...failure.frame.replace(/\n$/, '').split('\n'));
  for (const detail of failure.details ?? []) lines.push(`  ${detail}`);
  if (failure.hint !== undefined) lines.push(`  ${style.cyan('help')}: ${failure.hint}`);
  return `${lines.join('\n')}\n`;
}

/** What `-o json` prints instead of a result. `errors` is there when there is more than one. */
export interface FailureDocument {
  readonly error: Failure;
  readonly errors?: readonly Failure[];
}

/** Failures as one object in the shape of the API's ErrorBody. */
export function failureDocument(failures: readonly [Failure, ...Failure[]]): FailureDocument {
  const [first, ...rest] = failures;
  const error = redactFailure(first);
  return rest.length === 0 ? { error } : { error, errors: [error, ...rest.map(redactFailure)] };
}
