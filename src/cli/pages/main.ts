import { COMMANDS } from '../generated/command-table.ts';
import { allPages } from './command-page.ts';
import { manPage } from './man-page.ts';

/** What the build writes beside the programs. */
export async function builtPages(version: string): Promise<{ readonly json: string; readonly man: string }> {
  const pages = await allPages(COMMANDS);
  return { json: JSON.stringify(pages), man: manPage(pages, version) };
}
