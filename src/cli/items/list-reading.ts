import { homedir } from 'node:os';
import { text } from 'node:stream/consumers';
import type { ReadListOptions } from '../../config/declared/read-list.ts';
import type { CliContext } from '../session/context.ts';

/** How a command reads files that declare a list of items. */
export function listReading({ cwd, env }: Pick<CliContext, 'cwd' | 'env'>): ReadListOptions {
  return { cwd, environment: env, home: env['HOME'] ?? homedir(), readStdin: () => text(process.stdin) };
}
