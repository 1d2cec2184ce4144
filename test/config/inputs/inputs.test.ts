import fs from 'node:fs';
import { chmod, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { writesPipe } from './pipe.ts';
import { assert, asyncProperty, constantFrom, record, array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasSameAnswers, type InputRecord } from '../../../src/config/inputs/input-record.ts';
import { createInputs } from '../../../src/config/inputs/inputs.ts';
import { loadProjects } from '../../../src/config/load.ts';
import type { LoadOptions } from '../../../src/config/load-options.ts';
import { projectFolder, type Loaded, type ProjectFolder } from '../support/project-folder.ts';

const KEY = 'k'.repeat(32);

interface Recorded {
  readonly loaded: Loaded;
  readonly record: InputRecord | null;
  /** Whether everything is answered as it was, in these surroundings or in others. */
  readonly isSame: (others?: { environment?: Environment; cpus?: number }) => boolean;
}
type Environment = Readonly<Record<string, string | undefined>>;

async function loadRecorded(folder: ProjectFolder, options: Partial<LoadOptions> = {}): Promise<Recorded> {
  const bin = join(dirname(folder.path), 'bin');
  const environment = { PATH: bin, HOME: folder.path, ...options.environment };
  const inputs = createInputs({ environment, cpus: 4 });
  const loaded = await folder.load({ ...options, environment, inputs });
  const record = inputs.record(KEY);
  return {
    loaded,
    record,
    isSame: (others = {}) =>
      record !== null && hasSameAnswers(record, { environment, cpus: 4, ...others }, KEY),
  };
}

const FILE = `project: shop
apps:
  - { name: api, script: ./api.js, instances: max, env_file: .env, env: { LEVEL: "\${LEVEL:-info}" } }
  - { name: job, script: ./job, inherit_env: [TOKEN], cwd: ./work, interpreter: none }
  - { name: web, script: "npm", args: run web }
  - { name: low, extends: { file: ./base.yaml, app: low } }
`;
const FILES = {
  'ecosystem.yaml': FILE,
  'base.yaml': 'apps:\n  - { name: low, script: ./api.js }\n',
  '.env': 'A=1\n',
  'package.json': '{"scripts":{"web":"node ./api.js"}}',
  'work/job': '#!/bin/sh\n',
};

async function shop(options: Partial<LoadOptions> = {}) {
  const folder = await projectFolder(FILES);
  await chmod(join(folder.path, 'work/job'), 0o755);
  const recorded = await loadRecorded(folder, { files: ['ecosystem.yaml'], ...options });
  return { ...recorded, folder, at: (name: string) => join(folder.path, name) };
}

type Shop = Awaited<ReturnType<typeof shop>>;

/** What may change around files, one of each kind. */
const EDITS: Readonly<Record<string, (shop: Shop) => Promise<void>>> = {
  'a byte of the file': ({ at }) => writeFile(at('ecosystem.yaml'), FILE.replace('info', 'warn')),
  'a byte of it, with the same size and times': async ({ at }) => {
    const { atime, mtime } = await stat(at('ecosystem.yaml'));
    await writeFile(at('ecosystem.yaml'), FILE.replace('info', 'warn'));
    await utimes(at('ecosystem.yaml'), atime, mtime);
  },
  'where the file really is': async ({ at }) => {
    await rename(at('ecosystem.yaml'), at('other.yaml'));
    await symlink('other.yaml', at('ecosystem.yaml'));
  },
  'that it is there': ({ at }) => rm(at('ecosystem.yaml')),
  'a file that an app extends': ({ at }) =>
    writeFile(at('base.yaml'), FILES['base.yaml'].replace('./api.js }', './api.js, nice: 3 }')),
  'an env file': ({ at }) => writeFile(at('.env'), 'A=2\n'),
  'that an env file is there': ({ at }) => rm(at('.env')),
  'that a script is there': ({ at }) => rm(at('api.js')),
  'what kind of thing a script is': async ({ at }) => {
    await rm(at('api.js'));
    await fs.promises.mkdir(at('api.js'));
  },
  'that a program may be run': ({ at }) => chmod(at('work/job'), 0o644),
  'the first line of a script': ({ at }) => writeFile(at('work/job'), '#!/usr/bin/env python3\n'),
  'the folder of an app': ({ at }) => rm(at('work'), { recursive: true }),
  'a command that is on PATH': ({ folder }) => rm(join(dirname(folder.path), 'bin/npm')),
};

describe('the record of what a load has asked', () => {
  it.each(Object.entries(EDITS))('notices %s', async (_, edit) => {
    const made = await shop();
    await using _folder = made.folder;
    expect(made.loaded.ok ? [] : made.loaded.error).toEqual([]);
    expect(made.isSame()).toBe(true);
    await edit(made);
    expect(made.isSame()).toBe(false);
  });

  it('notices variables that the file names, also those that were not set, and no others', async () => {
    const made = await shop({ environment: { TOKEN: 'secret-value', OTHER: 'x' } });
    await using _folder = made.folder;
    const environment = {
      PATH: join(dirname(made.folder.path), 'bin'),
      HOME: made.folder.path,
      TOKEN: 'secret-value',
    };
    expect(made.isSame({ environment })).toBe(true);
    for (const other of [
      { LEVEL: 'debug' },
      { LEVEL: '' },
      { TOKEN: 'x' },
      { TOKEN: undefined },
      { PATH: '/bin' },
      { HOME: '/' },
    ])
      expect([other, made.isSame({ environment: { ...environment, ...other } })]).toEqual([other, false]);
    expect(made.isSame({ environment, cpus: 8 })).toBe(false);
    expect(JSON.stringify(made.record)).not.toContain('secret-value');
  });

  it('notices a file that a folder has more', async () => {
    await using folder = await projectFolder({ 'ecosystem.yaml': 'apps: [{ script: ./api.js }]' });
    const { isSame } = await loadRecorded(folder, { files: ['.'] });
    expect(isSame()).toBe(true);
    await folder.write({ 'more.yaml': 'apps: [{ name: more, script: ./api.js }]' });
    expect(isSame()).toBe(false);
  });

  it('notices that a secret cannot be read any more', async () => {
    const env = { KEY: { from_file: './key' } };
    await using folder = await projectFolder({
      'ecosystem.json': JSON.stringify({ project: 'shop', apps: [{ script: './api.js', env }] }),
      key: 'x',
    });
    await chmod(join(folder.path, 'key'), 0o600);
    const { isSame, loaded } = await loadRecorded(folder, { files: ['ecosystem.json'] });
    expect(loaded.ok).toBe(true);
    expect(isSame()).toBe(true);
    await chmod(join(folder.path, 'key'), 0o644);
    expect(isSame()).toBe(false);
  });

  it('is none of a program, of standard input, and of a pipe', async () => {
    await using folder = await projectFolder({
      'ecosystem.config.js': 'module.exports = { apps: [] }',
      'piped.yaml/': '',
    });
    expect((await loadRecorded(folder, { files: ['ecosystem.config.js'] })).record).toBeNull();
    const text = 'project: shop\napps: [{ script: ./api.js }]';
    const readStdin = () => Promise.resolve(text);
    expect((await loadRecorded(folder, { files: ['-'], readStdin })).record).toBeNull();
    const pipe = join(folder.path, 'pipe.yaml');
    const writing = writesPipe(pipe, text);
    const piped = await loadRecorded(folder, { files: ['pipe.yaml'] });
    await writing;
    expect([piped.loaded.ok, piped.record]).toEqual([true, null]);
  });

  it('has every path that was looked at', async () => {
    const made = await shop();
    await using _folder = made.folder;
    const inputs = createInputs({ environment: { PATH: '/usr/bin:/bin', HOME: made.folder.path }, cpus: 2 });
    const options = {
      files: ['ecosystem.yaml'],
      env: null,
      cwd: made.folder.path,
      cpus: 2,
      jsEvaluatorPath: '',
    };
    const looked = await pathsLookedAt(() =>
      loadProjects({
        ...options,
        environment: { PATH: '/usr/bin:/bin', HOME: made.folder.path },
        readStdin: () => Promise.resolve(''),
        inputs,
      }),
    );
    const record = inputs.record(KEY);
    const asked = new Set(Object.values(record?.questions ?? {}).flat());
    const isAsked = (path: string): boolean =>
      asked.has(path) ||
      // Behind the questions where a command is, and which scripts a package has.
      /^(?:\/usr)?\/bin\//.test(path) ||
      (path.endsWith('/package.json') && asked.has(dirname(path)));
    expect(looked.length).toBeGreaterThan(5);
    expect(looked.filter((path) => !isAsked(path))).toEqual([]);
  });

  it('never takes for the same what would be loaded otherwise', async () => {
    const names = ['ecosystem.yaml', 'base.yaml', '.env', 'api.js', 'work/job', 'package.json'] as const;
    const edit = record({
      name: constantFrom(...names),
      how: constantFrom('append', 'same', 'remove', 'restore', 'mode'),
      level: constantFrom(undefined, 'debug', 'info'),
    });
    await assert(
      asyncProperty(array(edit, { minLength: 1, maxLength: 4 }), async (edits) => {
        const made = await shop();
        await using folder = made.folder;
        let environment: Environment = { PATH: join(dirname(folder.path), 'bin'), HOME: folder.path };
        for (const { name, how, level } of edits) {
          const path = join(folder.path, name);
          const text = (FILES as Readonly<Record<string, string>>)[name] ?? '';
          if (how === 'remove') await rm(path, { force: true });
          else if (how === 'mode') await chmod(path, 0o755).catch(() => undefined);
          else await writeFile(path, how === 'append' ? `${text}\n# more\n` : text);
          environment = { ...environment, LEVEL: level };
        }
        const again = await folder.load({ files: ['ecosystem.yaml'], environment });
        if (made.isSame({ environment })) expect(again).toEqual(made.loaded);
      }),
      { numRuns: 40 },
    );
  });
});

/** The paths below folders of tests and of the host that `load` hands to the synchronous functions of node:fs. */
async function pathsLookedAt(load: () => Promise<unknown>): Promise<readonly string[]> {
  const seen = new Set<string>();
  const functions = fs as unknown as Record<string, unknown>;
  const names = Object.keys(fs).filter(
    (name) => name.endsWith('Sync') && typeof functions[name] === 'function',
  );
  const before = new Map(names.map((name) => [name, functions[name]]));
  for (const [name, original] of before) {
    functions[name] = (...given: readonly unknown[]) => {
      if (typeof given[0] === 'string') seen.add(resolve(given[0]));
      return (original as (...all: readonly unknown[]) => unknown)(...given);
    };
  }
  // Vitest itself loads modules meanwhile: those of the sources are no input.
  syncBuiltinESMExports();
  try {
    await load();
  } finally {
    for (const [name, original] of before) functions[name] = original;
    syncBuiltinESMExports();
  }
  const own = resolve(import.meta.dirname, '../../..');
  return [...seen].filter((path) => !path.startsWith(own));
}
