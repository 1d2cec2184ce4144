import type { App } from '../../generated/ecosystem.ts';
import type { SpecNote } from '../normalise-context.ts';

/** What the schema cannot say of terminals. */
export function terminalNotes({ tty, stdin }: App): SpecNote[] {
  if (tty !== true || stdin !== 'null') return [];
  return [
    {
      level: 'error',
      code: 'CONFIG_BAD_VALUE',
      path: ['stdin'],
      message: 'with `tty: true` the input of the app is its terminal, and not /dev/null',
      hint: 'leave one of the two out',
    },
  ];
}
