import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstQuestion } from '../../../src/cli/fast/plain/ask-ahead.ts';
import { readNamed } from '../../../src/cli/fast/plain/names.ts';
import { buildCli, type BuiltCli } from '../support/build.ts';
import { NO_CHANGE } from '../support/canned.ts';
import { EXITED, PROGRESSING, app, instance } from '../support/fixtures.ts';
import { specOf } from '../../spec/support/context.ts';
import { createRoom, type Ran, type Room, type RunOptions } from '../support/run.ts';

let cli: BuiltCli;
/** The same build without the reads that are answered at once. */
let full: BuiltCli;
let folder: string;
/** Writes which files of the build a command has read, and which modules of Node it has loaded. */
let hook: string;

beforeAll(async () => {
  cli = await buildCli();
  folder = await mkdtemp(join(tmpdir(), 'swfull-'));
  await cp(dirname(dirname(cli.bin)), folder, { recursive: true, verbatimSymlinks: true });
  await rm(join(folder, 'dist', 'reads.cjs'));
  full = { bin: join(folder, 'dist', 'bin.cjs'), [Symbol.asyncDispose]: () => Promise.resolve() };
  hook = join(folder, 'hook.cjs');
  await writeFile(
    hook,
    `const fs = require('node:fs');
     const read = fs.readFileSync;
     const files = [];
     fs.readFileSync = (file, ...rest) => (files.push(String(file)), read(file, ...rest));
     process.on('exit', () => {
       const modules = process.moduleLoadList.map((name) => name.replace(/^(NativeModule|Internal Binding) /, ''));
       fs.writeFileSync(process.env.LOADED, JSON.stringify({ files, modules }));
     });`,
  );
});
afterAll(async () => {
  await cli[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const NOW = '2026-01-01T12:00:00.000Z';
const broken = app('worker', {
  health: 'CrashLoop',
  sync: 'OutOfSync',
  readyInstances: 0,
  instances: [instance({ id: 4, state: 'waiting', pid: null, restarts: 7, lastRestartAt: NOW })],
});
const log = { app: 'shop/api', slot: 0, stream: 'out', time: NOW } as const;
const revision = {
  project: 'shop',
  revision: 41,
  hash: 'a'.repeat(64),
  at: NOW,
  by: 'ann',
  command: 'apply',
  summary: NO_CHANGE,
  changes: [{ app: 'shop/api', kind: 'create', fields: [] }],
} as const;
const canned = {
  apps: [
    app('api'),
    { ...app('web', PROGRESSING), spec: specOf({ name: 'web', restart_delay: 0, env: { PORT: '3000' } }) },
    broken,
    app('früh', { instances: [instance({ id: 9 })] }),
  ],
  events: [EXITED, { ...EXITED, seq: 8, level: 'error', message: 'ended\u001b[31m in red' }],
  logs: [
    { ...log, line: 'ready' },
    { ...log, stream: 'err', line: '\u001b[31mred\u001b[39m and \u0007', time: null },
    { ...log, app: 'shop/früh', line: 'größe 👍 '.repeat(20) },
  ],
  revisions: [revision],
} as unknown as Parameters<Room['serve']>[0];

/** Every read, in its forms: plain ones, such as the full command has to answer, and mistakes. */
const LINES: readonly string[] = [
  ...['get', 'status', 'get shop/api web', 'get nobody', 'get -o wide', 'get -o json', 'get -o=json api'],
  ...['get -o name', 'get -o yaml', 'get --no-headers', 'get --no-color', 'get --sort name:desc -o name'],
  ...['get --sort x', 'get -l tier=web', 'get -n default', 'get -L tier', 'get --show-labels', 'get -o none'],
  ...['get -- api', 'get ""', 'get port', '--home HOME get', 'get --home HOME'],
  ...['why', 'why api', 'why worker', 'why -o json', 'why api -o json', 'why nobody'],
  ...['describe worker', 'show früh web', 'describe', 'describe nobody', 'info api -o json'],
  ...['logs', 'log -n 2 api', 'logs -t', 'logs --raw', 'logs --json', 'logs --format', 'logs --grep ready'],
  ...['logs --invert', 'logs --grep [', 'logs --highlight red', 'logs --out --err', 'logs --since soon'],
  ...['logs --daemon', 'logs nobody', 'logs --timestamp YYYY'],
  ...['events', 'events api -o json', 'events --limit 1', 'events --limit -1', 'history', 'history shop/api'],
  ...['history -o wide', 'history nobody', 'history --revision 41', 'history --revision 7', 'history -l a=b'],
  ...['rollout status web', 'rollout status -o json', 'daemon status', 'daemon status x', 'version -o json'],
  ...['top --sort memory', 'top -o json', 'id api', 'pid worker', 'jlist', 'ping', 'source list'],
];

/** Ages and times of the day differ from run to run. */
function steady({ code, stdout, stderr }: Ran, home: string): Ran {
  const plain = (text: string): string =>
    text
      .replaceAll(home, 'HOME')
      .replace(/\d+(?:\.\d+)?(?:ms|s)\b/g, 'N')
      .replace(/ +/g, ' ');
  return { code, stdout: plain(stdout), stderr: plain(stderr) };
}

interface Difference {
  readonly line: string;
  readonly fast: Ran;
  readonly full: Ran;
}

/** The lines that the two builds answer differently. */
async function differences(
  lines: readonly string[],
  { serve, options }: { readonly serve: boolean; readonly options: RunOptions },
): Promise<readonly Difference[]> {
  await using one = await createRoom(cli);
  await using other = await createRoom(full);
  if (serve) for (const room of [one, other]) await room.serve(canned);
  const answer = async (room: Room, line: string): Promise<Ran> => {
    const words = line.split(' ').map((word) => (word === '""' ? '' : word.replace('HOME', room.home)));
    return steady(await room.run(words, options), room.home);
  };
  const found: Difference[] = [];
  const waiting = [...lines];
  const work = async (): Promise<void> => {
    for (let line = waiting.shift(); line !== undefined; line = waiting.shift()) {
      const [fast, slow] = await Promise.all([answer(one, line), answer(other, line)]);
      if (JSON.stringify(fast) !== JSON.stringify(slow)) found.push({ line, fast, full: slow });
    }
  };
  await Promise.all([work(), work()]);
  return found;
}

const SOME = ['get', 'why worker', 'describe worker', 'logs -t', 'history'];

describe('a read that is answered at once', () => {
  it('says what the full command says, whatever is asked', async () => {
    expect(await differences(LINES, { serve: true, options: {} })).toEqual([]);
  }, 120_000);

  it.each<[string, RunOptions]>([
    ['on a terminal', { terminal: true }],
    ['in colours', { env: { FORCE_COLOR: '1' } }],
    ['on a terminal without colours', { terminal: true, env: { NO_COLOR: '1' } }],
    ['with a warning of Node about what it uses', { env: { NODE_OPTIONS: '--pending-deprecation' } }],
    ['without a cache', { env: { STATEWARD_NO_CODE_CACHE: '1' } }],
  ])(
    'does so %s',
    async (_, options) => {
      expect(await differences(SOME, { serve: true, options })).toEqual([]);
    },
    60_000,
  );

  it('does so where no daemon runs', async () => {
    const lines = [...SOME, 'daemon status', 'version', 'ping', 'health'];
    expect(await differences(lines, { serve: false, options: {} })).toEqual([]);
  }, 60_000);
});

/** A daemon that answers everything alike. */
async function serveText(home: string, text: string): Promise<AsyncDisposable> {
  await mkdir(join(home, 'run'), { recursive: true, mode: 0o700 });
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(text));
  });
  await new Promise<void>((done) => server.listen(join(home, 'run', 'api.sock'), done));
  return {
    [Symbol.asyncDispose]: () => new Promise((done) => server.close(() => done())),
  };
}

describe('another daemon', () => {
  const body = JSON.stringify({ apiVersion: 'v1', kind: 'AppList', items: [] });
  const answer = (api: string, build: string, status = 200, text = body): string =>
    `HTTP/1.1 ${status} X\r\nstateward-api: ${api}\r\nstateward-build: ${build}\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;

  it.each([
    ['of an older API', answer('0-0', '1.2.3 unknown')],
    ['of a newer API', answer('99-99', '1.2.3 unknown')],
    ['that refuses', answer('0-1', '1.2.3 unknown', 400, '{"error":{"code":"BAD_REQUEST","message":"no"}}')],
    ['that says nothing to be read', answer('0-1', '1.2.3 unknown', 200, 'oh')],
  ])(
    '%s is told of as the full command does',
    async (_, text) => {
      await using one = await createRoom(cli);
      await using other = await createRoom(full);
      await using _first = await serveText(one.home, text);
      await using _second = await serveText(other.home, text);
      const fast = steady(await one.run(['get']), one.home);
      expect(fast).toEqual(steady(await other.run(['get']), other.home));
      expect(fast.stderr).not.toBe('');
    },
    30_000,
  );
});

interface Loaded {
  readonly files: readonly string[];
  readonly modules: readonly string[];
}

async function loadedBy(room: Room, line: string): Promise<Loaded> {
  const out = join(room.cwd, 'loaded.json');
  const env = { NODE_OPTIONS: `--require=${hook}`, LOADED: out };
  const { code } = await room.run(line.split(' '), { env });
  expect({ line, code }).toEqual({ line, code: 0 });
  const { files, modules } = JSON.parse(await readFile(out, 'utf8')) as Loaded;
  return {
    files: files.filter((file) => file.endsWith('.cjs')).map((file) => file.replace(/.*\//, '')),
    modules,
  };
}

describe('what a read loads', () => {
  let room: Room;
  beforeAll(async () => {
    room = await createRoom(cli);
    await room.serve(canned);
  });
  afterAll(() => room[Symbol.asyncDispose]());

  it.each([
    ...['get', 'get -o wide', 'get -o json', 'get -o name', 'get api', 'get web --no-headers'],
    ...['why', 'why api', 'describe api', 'describe web', 'logs', 'logs -n 5', 'events', 'events api'],
    ...[
      'history',
      'history shop',
      'rollout status',
      'daemon status',
      'version -o json',
      'top',
      'jlist',
      'pid',
    ],
  ])('%s: one small file of the build, and no network of Node', async (line) => {
    const { files, modules } = await loadedBy(room, line);
    expect(files).toEqual(['bin.cjs', 'reads.cjs']);
    for (const slow of ['net', 'http', 'tty', 'crypto', 'module', 'child_process', 'readline', 'fs/promises'])
      expect(modules).not.toContain(slow);
  });

  it.each(['version', '--version', 'health api'])('%s: nothing but the program itself', async (line) => {
    expect((await loadedBy(room, line)).files).toEqual(['bin.cjs']);
  });

  it.each([
    ...['get', 'get -o wide', 'get -o json', 'get -o name', 'get api', 'top', 'jlist', 'history', 'events'],
    ...[
      'events api',
      'logs',
      'logs -n 20',
      'logs --lines 3',
      'logs shop/api',
      'describe api',
      'rollout status api',
    ],
  ])('%s: asks for everything once, and for the first of it before it is loaded', async (line) => {
    await using room = await createRoom(cli);
    await mkdir(join(room.home, 'run'), { recursive: true, mode: 0o700 });
    const asked: string[] = [];
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (data) => {
        const path = / (\S+) /.exec(data.toString())?.[1] ?? '';
        asked.push(path);
        const text = plainBody(path);
        socket.end(
          `HTTP/1.1 200 OK\r\nstateward-api: 0-1\r\nstateward-build: 1.2.3 unknown\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
        );
      });
    });
    await new Promise<void>((done) => server.listen(join(room.home, 'run', 'api.sock'), done));
    await room.run(line.split(' '));
    expect(asked).toEqual([...new Set(asked)]);
    expect(asked[0]).toBe(firstQuestion(readNamed(line.split(' ')) ?? { name: '', argv: [] }));
    server.close();
  });
});

function plainBody(path: string): string {
  if (path.startsWith('/v1/logs'))
    return `${JSON.stringify({ ...log, project: 'shop', instances: 1, line: 'x' })}\n`;
  const items = path.startsWith('/v1/apps') ? [app('api')] : path.includes('revisions') ? [revision] : [];
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

describe('the programs that a read starts with', () => {
  const dist = resolve(import.meta.dirname, '../../../dist');

  it('hold no package, and stay small', async () => {
    for (const name of ['bin', 'reads', 'unchanged']) {
      const text = await readFile(join(dirname(cli.bin), `${name}.cjs`), 'utf8');
      expect(text.match(/^\/\/ node_modules\/.*$/gm)).toBeNull();
    }
    expect((await stat(join(dist, 'bin.cjs'))).size).toBeLessThan(25_000);
    expect((await stat(join(dist, 'reads.cjs'))).size).toBeLessThan(170_000);
    expect((await stat(join(dist, 'unchanged.cjs'))).size).toBeLessThan(70_000);
    for (const name of ['reads', 'unchanged'])
      execFileSync(process.execPath, ['--check', join(dist, `${name}.cjs`)]);
  });
});
