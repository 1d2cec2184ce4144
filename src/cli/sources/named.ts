import { usageError } from '../session/failures.ts';

/** The one source that the words of a command name. Throws USAGE. */
export function sourceNamed([name, ...more]: readonly string[], command: string): string {
  if (name === undefined)
    throw usageError('name a source', `stateward source list shows them; stateward source ${command} NAME`);
  if (more[0] !== undefined) throw usageError(`unexpected argument: ${more[0]}`, 'name one source');
  return name;
}
