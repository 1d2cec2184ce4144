import type { CommandSpec } from '../command-spec.ts';
import type { TargetUser } from '../user.ts';
import { asListener } from './as-listener.ts';
import { asUser } from './as-user.ts';
import { takesTerminal } from '../../terminal/open-terminal.ts';
import { asWatched } from './as-watched.ts';
import type { Prefix } from './prefix.ts';
import { tuned } from './tuned.ts';

/** What the runner itself has, where that counts. */
export interface Own {
  readonly nice: number;
}

type PrefixesOf = (spec: CommandSpec, user: TargetUser | null, own: Own) => readonly Prefix[];

/**
 * The programs in front of an app, in the order in which they run. What needs our rights comes before the user changes;
 * what has to be the app's own doing, or needs to be last, comes after.
 */
const ORDER: readonly PrefixesOf[] = [
  ({ tty }) => takesTerminal(tty),
  ({ tuning }, _, own) => tuned(tuning, own.nice),
  (_, user) => asUser(user),
  // Sockets that are its own: last, as it names the process.
  ({ sockets }) => asListener(sockets),
  ({ notify }) => asWatched(notify),
];

/** The programs that are to run before that of the app, first one first. Mostly there is none. */
export function prefixesOf(spec: CommandSpec, user: TargetUser | null, own: Own): readonly Prefix[] {
  return ORDER.flatMap((prefixes) => prefixes(spec, user, own));
}
