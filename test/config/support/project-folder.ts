import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadProjects, type LoadedConfig } from '../../../src/config/load.ts';
import type { LoadOptions } from '../../../src/config/load-options.ts';
import type { Failure } from '../../../src/lib/failure.ts';
import type { Result } from '../../../src/lib/result.ts';
import type { AppSpec } from '../../../src/spec/types.ts';

export type Loaded = Result<LoadedConfig, readonly Failure[]>;

/** A folder of its own with the files of one test; gone when the test is over. */
export interface ProjectFolder extends AsyncDisposable {
  readonly path: string;
  /** Writes more files; names that end in `/` are folders, those that start with `bin/` are executable. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  load(options?: Partial<LoadOptions>): Promise<Loaded>;
}

/** Commands that apps of the tests run are in `bin/` of the folder; nothing else is on PATH. */
const COMMANDS = ['npm', 'npx', 'pnpm', 'python', 'python3', 'bash', 'java', 'ts-node'];

export async function projectFolder(
  files: Readonly<Record<string, string>>,
  defaults: Partial<LoadOptions> = {},
): Promise<ProjectFolder> {
  const root = await mkdtemp(join(tmpdir(), 'stateward-config-'));
  const path = join(root, 'shop');
  const write = (more: Readonly<Record<string, string>>) => writeFiles(path, more);
  await write({ 'api.js': '', ...files });
  await writeFiles(root, Object.fromEntries(COMMANDS.map((name) => [`bin/${name}`, '#!/bin/sh\n'])));
  return {
    path,
    write,
    load: (options = {}) =>
      loadProjects({
        files: ['.'],
        env: null,
        environment: { PATH: join(root, 'bin'), HOME: path },
        cwd: path,
        cpus: 4,
        jsEvaluatorPath: '/nowhere',
        readStdin: () => Promise.resolve(''),
        ...defaults,
        ...options,
      }),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(name.endsWith('/') ? path : dirname(path), { recursive: true });
    if (name.endsWith('/')) continue;
    await writeFile(path, text);
    if (name.startsWith('bin/')) await chmod(path, 0o755);
  }
}

/** The apps of the only project. Throws what is wrong when the file is not valid. */
export function appsOf(loaded: Loaded): readonly AppSpec[] {
  if (!loaded.ok) throw new Error(loaded.error.map(({ code, message }) => `${code} ${message}`).join('\n'));
  const [project] = loaded.value.projects;
  if (project === undefined || loaded.value.projects.length !== 1) throw new Error('not one project');
  return project.apps;
}

export function failuresOf(loaded: Loaded): readonly Failure[] {
  if (loaded.ok) throw new Error('the file is valid');
  return loaded.error;
}

export function warningsOf(loaded: Loaded): readonly Failure[] {
  appsOf(loaded);
  return loaded.ok ? loaded.value.warnings : [];
}
