import { usageError } from '../session/failures.ts';

/** The one item that the words of a command name. `topic`: `source`; `noun`: what it is. Throws USAGE. */
export function itemNamed(
  [name, ...more]: readonly string[],
  { topic, noun, command }: { readonly topic: string; readonly noun: string; readonly command: string },
): string {
  if (name === undefined)
    throw usageError(
      `name a ${noun}`,
      `stateward ${topic} list shows them; stateward ${topic} ${command} NAME`,
    );
  if (more[0] !== undefined) throw usageError(`unexpected argument: ${more[0]}`, `name one ${noun}`);
  return name;
}

export function receiverNamed(args: readonly string[], command: string): string {
  return itemNamed(args, { topic: 'notify', noun: 'receiver', command });
}
