import { ERROR_CODES } from '../../lib/error-codes.ts';
import { EXIT } from '../../lib/exit-codes.ts';
import type { Failure } from '../../lib/failure.ts';

/** The first failure with its place, and how many more there are. */
export function messageOf([first, ...rest]: readonly [Failure, ...Failure[]]): string {
  const { file, line, column } = first.position ?? {};
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  const more = rest.length === 0 ? '' : ` (and ${rest.length} more)`;
  return `${place === '' ? '' : `${place}: `}${first.message}${more}`;
}

/** Whether a failure may be gone without a newer version: of the host, not of what is declared. */
export function mayPass({ code }: Failure): boolean {
  return (
    code === 'FROZEN' ||
    code === 'STATE_WRITE' ||
    code === 'CONFLICT' ||
    code === 'INTERNAL' ||
    ERROR_CODES[code] === EXIT.UNAVAILABLE
  );
}
