import * as Flags from '@oclif/core/flags';
import { momentOf } from './moment.ts';

/** Past lines, unless it is said how many or since when. */
const DEFAULT_LINES = 15;

/** Local, with its zone: it is read by people, and can be pasted into `--since`. */
export const TIME_FORMAT = 'YYYY-MM-DDTHH:mm:ss.SSSZ';

/** What `logs` takes wherever the apps run. */
export const logFlags = {
  follow: Flags.boolean({ char: 'f', description: 'Print further lines as they are written.' }),
  lines: Flags.integer({
    char: 'n',
    description: 'How many past lines of all apps together, at most 10000; 15, or with --since all.',
    min: 0,
    max: 10_000,
  }),
  since: Flags.string({
    description: 'Only lines since: a duration (10m), 14:30, a date or a time (RFC 3339).',
    helpValue: 'WHEN',
  }),
  timestamps: Flags.boolean({ char: 't', description: 'Put the time of each line in front.' }),
  raw: Flags.boolean({ description: 'The bytes of each line as they are, and nothing else.' }),
  json: Flags.boolean({ description: 'One JSON object a line (also -o json).', exclusive: ['raw'] }),
  output: Flags.option({ char: 'o', options: ['text', 'json'] as const, default: 'text', hidden: true })(),
};

/** Which past lines are meant; `lines` null: all. `since`: RFC 3339. Throws. */
export function linesAsked(
  flags: { readonly lines: number | undefined; readonly since: string | undefined },
  nowMs: number,
): { readonly lines: number | null; readonly since?: string } {
  const since = flags.since === undefined ? undefined : momentOf('--since', flags.since, nowMs);
  return {
    lines: flags.lines ?? (since === undefined ? DEFAULT_LINES : null),
    ...(since !== undefined && { since }),
  };
}
