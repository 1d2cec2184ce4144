import { defaultsBelow } from '../defaults.ts';
import type { App } from '../generated/ecosystem.ts';
import type { SpecNote } from './normalise-context.ts';
import type { AppSpec } from '../types.ts';
import { readList } from './values.ts';

/** `"true"` and `"false"` are what they say; any other text is one path. */
export function readWatch(watch: App['watch']): AppSpec['watch'] {
  if (watch === undefined || watch === false || watch === 'false' || watch === '') return false;
  if (watch === true || watch === 'true') return true;
  return readList(watch);
}

const OPTIONS: ReadonlySet<string> = new Set(Object.keys(defaultsBelow('watch_options')));

/** Options that PM2 hands on to its watcher and that mean nothing here. */
export function watchNotes({ watch_options: given }: App): SpecNote[] {
  return Object.keys(given ?? {})
    .filter((option) => !OPTIONS.has(option))
    .map((option) => ({
      level: 'warning',
      code: 'CONFIG_NO_EFFECT',
      path: ['watch_options', option],
      message: `watch_options.${option} has no effect`,
      ...(option === 'ignored' && { hint: 'ignore_watch says what is not watched' }),
    }));
}
