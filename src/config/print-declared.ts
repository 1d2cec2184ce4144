import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { DeclareAnswer, DeclareRequest } from './declared-answer.ts';
import { loadProjects } from './load.ts';

/**
 * The program `declare.cjs`: reads the ecosystem file that standard input names, and prints what it declares. The daemon
 * itself never parses what a user or a repository wrote.
 */
export async function printDeclared(distDir: string): Promise<void> {
  const { file, env } = JSON.parse(await text(process.stdin)) as DeclareRequest;
  const read = new Set<string>();
  const loaded = await loadProjects({
    files: [file],
    env,
    environment: process.env,
    cwd: dirname(file),
    cpus: availableParallelism(),
    jsEvaluatorPath: join(distDir, 'evaluate.cjs'),
    readStdin: () => Promise.resolve(''),
    onRead: (path) => read.add(path),
  });
  const answer: DeclareAnswer = loaded.ok
    ? { ok: true, ...loaded.value, read: [...read] }
    : { ok: false, failures: loaded.error, read: [...read] };
  process.stdout.write(JSON.stringify(answer));
}
