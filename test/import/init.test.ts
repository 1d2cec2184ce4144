import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Folder } from '../../src/import/init/folder.ts';
import { firstFile } from '../../src/import/init/first-file.ts';
import { importProcfile } from '../../src/import/procfile/procfile.ts';
import { rendered } from './support/render.ts';

function folder(files: Readonly<Record<string, string>>): Folder {
  const isFile = (path: string): boolean => Object.hasOwn(files, path.replace(/^\.\//, ''));
  return { name: 'shop', isFile, read: (path) => files[path] ?? null };
}

function appOf(files: Readonly<Record<string, string>>) {
  const found = firstFile(folder(files));
  if (!found.ok) throw new Error(found.error[0]?.message);
  return found.value.imported.apps[0];
}

function pkg(scripts: Readonly<Record<string, string>>, rest: object = {}): string {
  return JSON.stringify({ name: '@acme/api', scripts, ...rest });
}

describe('a first file', () => {
  it.each([
    [
      'node with variables',
      {
        'package.json': pkg({ start: 'NODE_ENV=production node --no-warnings server.js --x' }),
        'server.js': '',
      },
      {
        script: './server.js',
        interpreter_args: ['--no-warnings'],
        args: ['--x'],
        env: { NODE_ENV: 'production' },
      },
    ],
    [
      'what is built, without its ending',
      { 'package.json': pkg({ start: 'nest start', 'start:prod': 'node dist/main' }), 'dist/main.js': '' },
      { script: './dist/main.js' },
    ],
    [
      'tsx',
      { 'package.json': pkg({ start: 'tsx src/server.ts' }), 'src/server.ts': '' },
      { script: './src/server.ts', interpreter: 'node', interpreter_args: ['--import', 'tsx'] },
    ],
    [
      'a framework that is installed',
      { 'package.json': pkg({ start: 'next start -p 4000' }), 'node_modules/.bin/next': '' },
      { script: './node_modules/.bin/next', args: ['start', '-p', '4000'] },
    ],
    [
      'what only a shell understands',
      { 'package.json': pkg({ start: 'npm run build && node x.js' }) },
      { script: 'npm', args: ['run', 'start'] },
    ],
    [
      'the package manager of its lock file',
      { 'package.json': pkg({ start: 'a && b' }), 'pnpm-lock.yaml': '' },
      { script: 'pnpm', args: ['run', 'start'] },
    ],
    [
      'main',
      { 'package.json': pkg({}, { main: 'lib/index' }), 'lib/index.js': '' },
      { script: './lib/index.js' },
    ],
    [
      'a file that is called as programs are',
      { 'package.json': pkg({}), 'server.js': '' },
      { script: './server.js' },
    ],
    ['variables beside it', { 'server.js': '', '.env': '' }, { script: './server.js', env_file: '.env' }],
    [
      'Python in its virtual environment',
      { 'requirements.txt': 'flask', 'app.py': '', 'venv/bin/python': '' },
      { script: './app.py', interpreter: './venv/bin/python' },
    ],
    ['Go', { 'go.mod': 'module example.com/me/api/v2\n', api: '' }, { script: './api' }],
    ['Rust', { 'Cargo.toml': '[package]\nname = "kv"\n' }, { script: './target/release/kv' }],
  ])('runs %s', (_what, files, fields) => {
    expect(appOf(files)?.fields).toEqual(fields);
  });

  it('says what has to be built first', () => {
    const app = appOf({ 'package.json': pkg({ start: 'node dist/main.js' }) });
    expect(app?.notes.map(({ text }) => text)).toContain('dist/main.js is not there yet: build it first');
  });

  it('has an app to be replaced where nothing is recognised, and an error for a broken package.json', () => {
    expect(appOf({})?.notes[0]?.text).toContain('nothing here says what to run');
    const broken = firstFile(folder({ 'package.json': '{' }));
    expect(broken.ok).toBe(false);
  });

  it('never throws, whatever the files hold', () => {
    const names = [
      'package.json',
      'Procfile',
      'go.mod',
      'Cargo.toml',
      'requirements.txt',
      'manage.py',
      '.env',
      'main.py',
    ];
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.string().map((start) => pkg({ start })),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), text), (files) => {
        const found = firstFile(folder(files));
        if (found.ok) rendered(found.value.imported);
        else expect(found.error[0]?.hint).toBeDefined();
      }),
    );
  });
});

describe('a Procfile', () => {
  it('is an app a line', async () => {
    const text = `# types
web: PORT=3000 API_TOKEN=abc node --import ./otel.mjs server.js -v
worker:   bundle exec sidekiq -C config/sidekiq.yml
clock: python3 -u clock.py
report: exec ruby report.rb --daily
tail: tail -f log/*.log | grep error
release: ./manage.py migrate
api: gunicorn app:app --bind 0.0.0.0:$PORT
`;
    const found = importProcfile('Procfile', text, '.env');
    if (!found.ok) throw new Error(found.error[0]?.message);
    await expect(rendered(found.value)).toMatchFileSnapshot('golden/procfile.yaml');
  });

  it('tells every line that is none', () => {
    const found = importProcfile('Procfile', 'web: node x\nwhat is this\n\nempty:\n', null);
    expect(found.ok ? [] : found.error.map(({ position, message }) => [position?.line, message])).toEqual([
      [2, 'this is not a line of a Procfile'],
      [4, 'empty has no command'],
    ]);
    expect(importProcfile('Procfile', '# nothing\n', null).ok).toBe(false);
  });
});
