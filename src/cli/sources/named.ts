import { itemNamed } from '../items/named-item.ts';

/** The one source that the words of a command name. Throws USAGE. */
export function sourceNamed(args: readonly string[], command: string): string {
  return itemNamed(args, { topic: 'source', noun: 'source', command });
}
