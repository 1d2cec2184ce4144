import { COMMANDS } from '../generated/command-table.ts';
import { allPages } from './command-page.ts';

/** What the build writes beside the programs. */
export async function builtPages(): Promise<{ readonly json: string }> {
  return { json: JSON.stringify(await allPages(COMMANDS)) };
}
