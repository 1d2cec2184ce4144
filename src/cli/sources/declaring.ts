import { text } from 'node:stream/consumers';
import { homedir } from 'node:os';
import type { DeclareSourcesResponse } from '../../api/contract/wire/sources/sources.ts';
import type { SourceSpec } from '../../sources/model/source.ts';
import type { CliContext } from '../session/context.ts';
import { unwrap } from '../session/failures.ts';

/** Reads files that declare sources; every error in them is thrown at once. */
export async function readSourceFiles(
  files: readonly string[],
  context: CliContext,
): Promise<readonly SourceSpec[]> {
  const { readSources } = await import('../../config/sources/read-sources.ts');
  return unwrap(
    await readSources(files, {
      cwd: context.cwd,
      environment: context.env,
      home: context.env['HOME'] ?? homedir(),
      readStdin: () => text(process.stdin),
    }),
  );
}

const SIGNS = { created: '+', changed: '~', unchanged: '=', removed: '-' } as const;

/** One line a source, and how many of each. */
export function renderDeclared({ changes }: DeclareSourcesResponse): string {
  const lines = changes.map(({ source, kind }) => `  ${SIGNS[kind]} ${source}  ${kind}\n`);
  const counts = (['created', 'changed', 'unchanged', 'removed'] as const)
    .map((kind) => [kind, changes.filter((change) => change.kind === kind).length] as const)
    .filter(([, amount]) => amount > 0)
    .map(([kind, amount]) => `${amount} ${kind}`);
  return `${lines.join('')}Sources: ${counts.length === 0 ? 'none' : counts.join(', ')}.\n`;
}
