import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { SettingsAnswer, SettingsRequest } from '../home/settings/settings-answer.ts';
import type { DeclareAnswer, DeclareRequest } from './declared-answer.ts';
import { loadProjects } from './load.ts';

/**
 * The program `declare.cjs`: reads the ecosystem file that standard input names, or the settings that it holds, and prints
 * what they declare. The daemon itself never parses what a user or a repository wrote.
 */
export async function printDeclared(distDir: string): Promise<void> {
  const request = JSON.parse(await text(process.stdin)) as DeclareRequest | SettingsRequest;
  const answer = 'settings' in request ? await settingsSaid(request) : await declared(request, distDir);
  process.stdout.write(JSON.stringify(answer));
}

async function settingsSaid({ settings, shown, home }: SettingsRequest): Promise<SettingsAnswer> {
  const { readSettings } = await import('./settings/read-settings.ts');
  return readSettings(Buffer.from(settings, 'base64'), { shown, home });
}

async function declared({ file, env }: DeclareRequest, distDir: string): Promise<DeclareAnswer> {
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
  return loaded.ok
    ? { ok: true, ...loaded.value, read: [...read] }
    : { ok: false, failures: loaded.error, read: [...read] };
}
