import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CodeReader } from '../../src/code/code-reader.ts';
import type { CodeReading } from '../../src/code/reading.ts';
import { appKey } from '../../src/lib/app-key.ts';
import type { AppSpec } from '../../src/spec/types.ts';
import { makeSpec } from '../plan/fixtures.ts';
import { bundle } from '../support/bundle.ts';

let top: string;
let reader: CodeReader;
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'stw-code-'));
  reader = new CodeReader();
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

function write(path: string, text = ''): string {
  const file = join(top, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

function git(...args: readonly string[]): string {
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'protocol.file.allow=always'];
  return execFileSync('git', [...identity, ...args], { cwd: top, encoding: 'utf8', stdio: 'pipe' }).trim();
}

function commitAll(): string {
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-q', '--allow-empty', '-m', 'x');
  return git('rev-parse', 'HEAD');
}

function app(declared: Partial<AppSpec> = {}): AppSpec {
  const script = declared.script ?? join(top, 'app.js');
  return { ...makeSpec(), interpreter: 'node', cwd: top, ...declared, script };
}

async function read(declared: Partial<AppSpec> = {}): Promise<CodeReading> {
  const key = appKey('shop', 'app');
  const files = [join(top, 'ecosystem.yaml')];
  const found = (await reader.read([{ key, spec: app(declared), files }])).get(key);
  if (found === undefined || 'unknown' in found) throw new Error(found?.unknown);
  return found;
}

/** Which files count. */
async function counted(declared: Partial<AppSpec> = {}): Promise<readonly string[]> {
  return [...(await read(declared)).files.keys()].sort();
}

async function idOf(declared: Partial<AppSpec> = {}): Promise<string> {
  return (await read(declared)).identity.id;
}

describe('the code of an app outside of git', () => {
  it('is its script, what declares dependencies, and the sources of its language', async () => {
    for (const file of ['app.js', 'lib/a.mjs', 'src/b.ts', 'package.json', 'package-lock.json']) write(file);
    const not = [
      'README.md',
      'docs/a.js',
      'test/a.js',
      '.cache/a.js',
      'node_modules/x/index.js',
      'a.test.js',
    ];
    const written = ['app.log', 'data.json', 'db.sqlite', 'uploads/a.png', 'x.pid', 'ecosystem.config.js'];
    for (const file of [...not, ...written]) write(file);
    expect(await counted()).toEqual(['app.js', 'lib/a.mjs', 'package-lock.json', 'package.json', 'src/b.ts']);
  });

  it('is not what it builds, unless that is what runs', async () => {
    write('app.js', `require('./out/needed')`);
    for (const file of ['dist/main.js', 'dist/lib/a.js', 'build/b.js', 'out/needed.js', 'out/other.js'])
      write(file);
    expect(await counted()).toEqual(['app.js', 'out/needed.js']);
    expect(await counted({ script: join(top, 'dist/main.js') })).toEqual([
      'app.js',
      'dist/lib/a.js',
      'dist/main.js',
    ]);
  });

  it('is that of Python too, and of a shell script all that it may run', async () => {
    for (const file of ['main.py', 'pkg/a.py', 'requirements.txt', 'server.js', 'run.sh', 'x.pyc'])
      write(file);
    expect(await counted({ script: join(top, 'main.py'), interpreter: 'python3' })).toEqual([
      'main.py',
      'pkg/a.py',
      'requirements.txt',
    ]);
    expect(await counted({ script: join(top, 'run.sh'), interpreter: 'bash' })).toContain('server.js');
  });

  it('is what lies where a package runner runs', async () => {
    for (const file of ['package.json', 'server.js', 'src/a.js']) write(file);
    const files = await counted({ script: 'npm', interpreter: 'none', args: ['start'] });
    expect(files).toEqual(expect.arrayContaining(['package.json', 'server.js', 'src/a.js']));
    const line = await counted({
      script: 'NODE_ENV=x npm run start | cat',
      interpreter: 'none',
      shell: true,
    });
    expect(line).toEqual(expect.arrayContaining(['package.json', 'server.js', 'src/a.js']));
    expect(await counted({ script: '-m', interpreter: 'python3', args: ['http.server'] })).toEqual([
      'package.json',
    ]);
  });

  it('is of a program on PATH, or of a binary, that file alone', async () => {
    write('app.js');
    expect(await counted({ script: 'sleep', interpreter: 'none', args: ['9'] })).toHaveLength(1);
    expect(await counted({ script: '/usr/bin/sleep', interpreter: 'none', args: ['9'] })).toHaveLength(1);
    expect(await counted({ script: 'sleep 9; true', interpreter: 'none', shell: true })).toHaveLength(2);
    const binary = write('server', '\x7fELF');
    chmodSync(binary, 0o755);
    expect(await counted({ script: binary, interpreter: 'none' })).toEqual(['server']);
  });

  it.each([
    'echo a >> NAME; exec sleep 9',
    'sleep 9 >NAME 2>&1',
    'sleep 9 2> NAME',
    'sleep 9 &>> "NAME"',
    'sleep 9 < NAME',
    "sleep 9 >| 'NAME' && true",
  ])('is not what a shell line writes to or reads from: %s', async (line) => {
    for (const name of ['out', 'out.py']) {
      write(name);
      const script = line.replace('NAME', name);
      expect(await counted({ script, interpreter: 'none', shell: true })).not.toContain(name);
      expect(await counted({ script: script.replace(name, join(top, name)), shell: true })).not.toContain(
        name,
      );
    }
  });

  it('is found by the first line of a script without an extension', async () => {
    const script = write('bin/www', '#!/usr/bin/env node\n');
    chmodSync(script, 0o755);
    write('package.json');
    write('routes/a.js');
    expect(await counted({ script, interpreter: 'none' })).toEqual([
      'bin/www',
      'package.json',
      'routes/a.js',
    ]);
    expect(await counted({ script })).toEqual(['bin/www', 'package.json', 'routes/a.js']);
  });

  it('is in folders of its own where several programs share one, with what they import', async () => {
    write('api/server.js', `const a = require('../shared/a'); import('./b.js')`);
    write('api/b.js');
    write('shared/a.js', `import './c.js'`);
    write('shared/c.ts');
    write('shared/other.js');
    write('web/server.js');
    write('package.json');
    expect(await counted({ script: join(top, 'api/server.js') })).toEqual([
      '../package.json',
      '../shared/a.js',
      '../shared/c.ts',
      'b.js',
      'server.js',
    ]);
    write('src/main.js');
    expect(await counted({ script: join(top, 'src/main.js') })).toContain('web/server.js');
  });

  it('changes with its content and its place, and not with times and other files', async () => {
    const script = write('app.js', 'a');
    write('notes.md');
    const id = await idOf();
    utimesSync(script, 1, 1);
    write('other.txt');
    write('notes.md', 'more');
    expect(await idOf()).toBe(id);
    write('app.js', 'b');
    const changed = await idOf();
    expect(changed).not.toBe(id);
    write('app.js', 'a');
    expect(await idOf()).toBe(id);
    cpSync(top, `${top}-2`, { recursive: true });
    expect(await idOf({ cwd: `${top}-2`, script: `${top}-2/app.js` })).not.toBe(id);
    rmSync(`${top}-2`, { recursive: true });
  });

  it('sees a file that is rewritten at once with as many bytes', async () => {
    write('app.js', 'one');
    const ids = new Set([await idOf()]);
    for (const text of ['two', 'six', 'ten']) {
      write('app.js', text);
      ids.add(await idOf());
    }
    expect(ids.size).toBe(4);
  });

  it('is said to be bounded, and never waits for what is not a file', async () => {
    write('app.js');
    execFileSync('mkfifo', [join(top, 'pipe.js')]);
    symlinkSync('/dev/zero', join(top, 'zero.js'));
    for (let index = 0; index < 5_005; index++) write(`many/${index}.js`);
    const { leftOut, files } = await read();
    expect(leftOut).toMatch(/only the first 5000 source files/);
    expect(files.size).toBeLessThan(5_010);
  });

  it('takes what the file says', async () => {
    for (const file of ['app.js', 'gen/a.js', 'lib/a.js', 'docs/code.js', 'VERSION', 'conf/a.json'])
      write(file);
    expect(await counted({ code_ignore: ['gen', '!docs'] })).toEqual(['app.js', 'docs/code.js', 'lib/a.js']);
    expect(await counted({ code_ignore: ['./lib/*.js'] })).not.toContain('lib/a.js');
    expect(await counted({ code: ['VERSION', 'conf/*.json'] })).toEqual(['VERSION', 'conf/a.json']);
    expect((await read({ code: ['gone'] })).leftOut).toContain('is not there');
    expect(await counted({ code: 'off' })).toEqual([]);
  });

  it('is known of what cannot be read as far as it goes', async () => {
    expect(await counted({ script: join(top, 'gone.js') })).toEqual([]);
    expect(await counted({ cwd: '/nowhere/at/all', script: '/nowhere/at/all/x.js' })).toEqual([]);
    symlinkSync('loop.js', join(top, 'loop.js'));
    expect(await counted({ script: join(top, 'loop.js') })).toEqual([]);
  });
});

describe('the code of an app in a work tree', () => {
  it('is what git tracks of its folder, with the commit, the branch and whether it was changed', async () => {
    for (const file of ['app.js', 'views/a.ejs', 'config.json', 'README.md', 'test/a.js']) write(file);
    const commit = commitAll();
    write('untracked.js');
    write('state.json');
    expect(await counted()).toEqual(['app.js', 'config.json', 'views/a.ejs']);
    expect((await read()).identity).toEqual({ id: await idOf(), commit, branch: 'main' });
    write('README.md', 'more');
    expect((await read()).identity.dirty).toBeUndefined();
    write('config.json', '{}');
    expect((await read()).identity.dirty).toBe(true);
    git('checkout', '-q', '--detach');
    expect((await read()).identity).not.toHaveProperty('branch');
  });

  it('is the same before and after what runs is committed, and after a merge of nothing', async () => {
    write('app.js', 'a');
    commitAll();
    const before = await idOf();
    write('app.js', 'b');
    const edited = await idOf();
    expect(edited).not.toBe(before);
    git('add', '-A');
    expect((await read()).identity).toMatchObject({ id: edited, dirty: true });
    git('commit', '-q', '-m', 'as it runs');
    expect(await idOf()).toBe(edited);
    expect((await read()).identity).not.toHaveProperty('dirty');
    git('checkout', '-q', 'HEAD~1');
    expect(await idOf()).toBe(before);
  });

  it('changes when a tracked file is deleted, and with a file that is added', async () => {
    write('app.js');
    write('lib/a.js');
    commitAll();
    const before = await idOf();
    unlinkSync(join(top, 'lib/a.js'));
    expect(await idOf()).not.toBe(before);
    write('lib/a.js');
    expect(await idOf()).toBe(before);
    write('lib/b.js');
    git('add', '-A');
    expect(await idOf()).not.toBe(before);
  });

  it('is not changed by tracked files that an app writes, until they are committed', async () => {
    write('app.js');
    for (const file of ['data/db.json', 'db.json', 'cache/x.txt', 'app.sqlite']) write(file);
    commitAll();
    const before = await idOf();
    for (const file of ['data/db.json', 'db.json', 'cache/x.txt', 'app.sqlite']) write(file, 'written');
    expect((await read()).identity).toMatchObject({ id: before });
    expect((await read()).identity.dirty).toBeUndefined();
    git('commit', '-q', '-a', '-m', 'data');
    expect(await idOf()).not.toBe(before);
  });

  it('is read from every version of the index, and with line ends of others', async () => {
    for (const file of ['app.js', 'lib/a.js', 'lib/ab.js', 'lib/abc/d.js']) write(file, 'x\n');
    commitAll();
    const before = await idOf();
    for (const version of ['4', '2', '3']) {
      git('update-index', '--index-version', version);
      expect(await idOf()).toBe(before);
    }
    git('config', 'core.autocrlf', 'true');
    rmSync(join(top, 'lib'), { recursive: true });
    git('checkout', '-q', '.');
    expect(await idOf()).toBe(before);
    expect((await read()).identity.dirty).toBeUndefined();
  });

  it('is found in linked work trees, submodules and folders that are links', async () => {
    write('sub/app.js', 'x');
    write('app.js', 'x');
    commitAll();
    git('worktree', 'add', '-q', '-b', 'other', join(top, 'tree'));
    const tree = { cwd: join(top, 'tree'), script: join(top, 'tree/app.js') };
    expect((await read(tree)).identity).toMatchObject({ branch: 'other' });
    const library = mkdtempSync(join(tmpdir(), 'stw-lib-'));
    execFileSync('git', ['init', '-q', '-b', 'trunk'], { cwd: library });
    writeFileSync(join(library, 'index.js'), 'x');
    execFileSync('git', ['add', '-A'], { cwd: library });
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'x'], {
      cwd: library,
    });
    git('submodule', 'add', '-q', library, 'vendor');
    git('commit', '-q', '-m', 'vendor');
    const before = await read();
    expect([...before.files.keys()]).toContain('vendor');
    const inside = await read({ cwd: join(top, 'vendor'), script: join(top, 'vendor/index.js') });
    expect(inside.identity).toMatchObject({ branch: 'trunk' });
    execFileSync(
      'git',
      ['-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-q', '--allow-empty', '-m', 'y'],
      {
        cwd: join(top, 'vendor'),
      },
    );
    expect(await idOf()).not.toBe(before.identity.id);
    rmSync(library, { recursive: true });
    symlinkSync(top, `${top}-link`);
    expect(await idOf({ cwd: `${top}-link`, script: `${top}-link/app.js` })).toBe(await idOf());
    unlinkSync(`${top}-link`);
  });

  it('looks through what is built and not tracked, and through folders that git does not know', async () => {
    write('src/app.ts');
    write('package.json');
    write('.gitignore', 'dist\nother\n');
    commitAll();
    write('dist/main.js');
    write('dist/lib/a.js');
    write('other/app.js');
    const built = { script: join(top, 'dist/main.js') };
    expect(await counted(built)).toEqual(['dist/lib/a.js', 'dist/main.js', 'package.json', 'src/app.ts']);
    const other = { cwd: join(top, 'other'), script: join(top, 'other/app.js') };
    expect((await read(other)).identity).not.toHaveProperty('commit');
  });

  it('is known where the repository is damaged, bare or of nobody', async () => {
    write('app.js', 'x');
    commitAll();
    writeFileSync(join(top, '.git/index'), 'DIRC\0\0\0\x09garbage');
    expect(await counted()).toEqual(['app.js']);
    unlinkSync(join(top, '.git/index'));
    expect(await counted()).toEqual(['app.js']);
    rmSync(join(top, '.git'), { recursive: true });
    git('init', '-q', '--bare', '.git');
    expect(await counted()).toEqual(['app.js']);
    rmSync(join(top, '.git'), { recursive: true });
    write('.git', 'gitdir: /nowhere\n');
    expect(await counted()).toEqual(['app.js']);
  });

  it('reads one index for all programs of a repository, and the same folder once', async () => {
    for (let index = 0; index < 200; index++) write(`apps/app-${index}/server.js`, String(index));
    commitAll();
    const requests = Array.from({ length: 2_000 }, (_, index) => ({
      key: appKey('shop', `app-${index}`),
      spec: app({ script: join(top, `apps/app-${index % 200}/server.js`) }),
      files: [join(top, 'ecosystem.yaml')],
    }));
    const results = await reader.read(requests);
    const ids = new Set([...results.values()].map((one) => ('unknown' in one ? '' : one.identity.id)));
    expect(ids.size).toBe(200);
    expect(await reader.read(requests)).toEqual(results);
  });

  it('is read again unless a reading of so short a time ago will do', async () => {
    write('app.js', 'one');
    const request = { key: appKey('shop', 'app'), spec: app(), files: [] };
    const at = async (maxAgeMs: number): Promise<string | undefined> => {
      const found = (await reader.read([request], { maxAgeMs })).get(request.key);
      return found === undefined || 'unknown' in found ? undefined : found.identity.id;
    };
    const before = await at(0);
    write('app.js', 'three');
    expect(await at(60_000)).toBe(before);
    const after = await at(0);
    expect(after).not.toBe(before);
    expect(await at(60_000)).toBe(after);
  });

  it('serves starts that follow one another for a second, and none that comes by itself', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const request = { key: appKey('shop', 'app'), spec: app(), files: [] };
    const atStart = async (): Promise<string | undefined> => {
      const found = (await reader.read([request], { maxAgeMs: 250 })).get(request.key);
      return found === undefined || 'unknown' in found ? undefined : found.identity.id;
    };
    write('app.js', 'one');
    const first = await atStart();
    write('app.js', 'two, changed');
    for (let tries = 0; tries < 4; tries++) {
      vi.advanceTimersByTime(200);
      expect(await atStart()).toBe(first);
    }
    vi.advanceTimersByTime(200);
    const second = await atStart();
    expect(second).not.toBe(first);
    write('app.js', 'three, changed once more');
    vi.advanceTimersByTime(250);
    expect(await atStart()).not.toBe(second);
    vi.useRealTimers();
  });

  it('is of where a link leads now', async () => {
    write('releases/1/app.js', 'x');
    write('releases/2/app.js', 'x');
    symlinkSync('releases/1', join(top, 'current'));
    const current = { cwd: join(top, 'current'), script: join(top, 'current/app.js') };
    const before = await idOf(current);
    symlinkSync('releases/2', join(top, 'next'));
    renameSync(join(top, 'next'), join(top, 'current'));
    expect(await idOf(current)).not.toBe(before);
  });
});

describe('the code of an app while no descriptor is left', () => {
  it.each(['outside of git', 'in a work tree'])('is not known, and not another one, %s', async (where) => {
    write('app.js', `require('./lib/a')`);
    write('lib/a.js');
    write('package.json', '{}');
    if (where === 'in a work tree') {
      git('init', '-q', '-b', 'main');
      git('add', '-A');
      git('commit', '-q', '-m', 'x');
    }
    const program = await bundle('test/support/fixtures/code-without-descriptors.ts');
    const line = 'ulimit -n 48; exec "$0" "$@"';
    const said = execFileSync('sh', ['-c', line, process.execPath, program, top, join(top, 'app.js')]);
    const [before, without, after] = JSON.parse(said.toString()) as readonly string[];
    expect(without).toMatch(/^unknown: EMFILE/);
    expect(before).not.toMatch(/unknown/);
    expect(after).toBe(before);
  });
});
