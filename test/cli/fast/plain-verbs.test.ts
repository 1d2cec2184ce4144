import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verbNamed } from '../../../src/cli/fast/verbs/names.ts';
import { COMMANDS } from '../../../src/cli/generated/command-table.ts';
import { buildCli, type BuiltCli } from '../support/build.ts';
import type { Canned } from '../support/canned.ts';
import { PROGRESSING, app, appList } from '../support/fixtures.ts';
import { createRoom, type Ran, type Room, type RunOptions } from '../support/run.ts';

let cli: BuiltCli;
/** The same build without the verbs that are carried out at once. */
let full: BuiltCli;
let folder: string;

beforeAll(async () => {
  cli = await buildCli();
  folder = await mkdtemp(join(tmpdir(), 'swfull-'));
  await cp(dirname(dirname(cli.bin)), folder, { recursive: true, verbatimSymlinks: true });
  await rm(join(folder, 'dist', 'verbs.cjs'));
  full = { bin: join(folder, 'dist', 'bin.cjs'), [Symbol.asyncDispose]: () => Promise.resolve() };
});
afterAll(async () => {
  await cli[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const done = { app: 'shop/api', generation: 3, gone: false } as const;
const failed = { ...app('web', PROGRESSING) };
const canned: Partial<Canned> = {
  apps: [app('api'), failed],
  verbResults: [{ app: 'shop/api', changed: true, message: 'stopped' }],
  targets: [done],
};

/** Every verb, in its forms: plain ones, such as the full command has to carry out, and mistakes. */
const LINES = {
  stop: [
    ...[
      'stop api',
      'stop shop/api web',
      'stop all',
      'stop nobody',
      'stop',
      'stop -l tier=web',
      'stop api -o json',
    ],
    ...[
      'stop api --no-wait',
      'stop api --wait',
      'stop api --for 30m',
      'stop api --for soon',
      'stop --no-for api',
    ],
  ],
  'stop, of files and with flags': [
    ...['stop api --no-color', 'stop --timeout 5s api', 'stop api --timeout', 'stop api -o yaml', 'stop ""'],
    ...['stop -- api', 'stop ./nothing.json', 'stop nothing.json', 'stop api -f', 'stop -f nothing.json'],
    ...[
      'stop api --only api',
      'stop api --env x',
      'stop api --watch',
      '--home HOME stop api',
      'stop api --silent',
    ],
  ],
  start: [
    ...['start api', 'start nobody', 'start api --name x', 'start api -i 2', 'start api --env x'],
    ...['start -n default', 'start api --with-dependencies', 'start ./nothing.js', 'start api -o json'],
    ...['start', 'start api --no-wait'],
  ],
  'restart and reload': [
    ...['restart api', 'restart api --now', 'restart api --update-env', 'restart api --prune=false'],
    ...['restart nobody', 'reload api', 'reload api --dry-run', 'gracefulReload api', 'reload all'],
    'reload api --confirm-within 5m',
  ],
  delete: ['delete api', 'del api --allow-wipe', 'rm nobody', 'delete all -o json'],
  scale: [
    ...['scale api 4', 'scale api +1', 'scale api -1', 'scale api=2 web=3', 'scale api=2', 'scale nobody 2'],
    ...['scale api=2 nobody=2', 'scale api', 'scale api 0', 'scale api x', 'scale 4 -l tier=web'],
    'scale api 4 --for 2h',
  ],
};

interface Did extends Ran {
  /** What the daemon was asked to change. */
  readonly requests: readonly unknown[];
}

/** The lines that the two builds carry out differently. */
async function differences(
  lines: readonly string[],
  serve: Partial<Canned> | null,
  options: RunOptions = {},
): Promise<readonly unknown[]> {
  const rooms = await Promise.all([cli, full].map((one) => createRoom(one)));
  const asked: unknown[][] = [[], []];
  try {
    for (const [at, room] of rooms.entries()) {
      if (serve !== null) await room.serve({ ...serve, onRequest: (request) => asked[at]?.push(request) });
    }
    const carryOut = async (at: number, line: string): Promise<Did> => {
      const room = rooms[at] as Room;
      const words = line.split(' ').map((word) => (word === '""' ? '' : word.replace('HOME', room.home)));
      asked[at] = [];
      const { code, stdout, stderr } = await room.run(words, options);
      const steady = (text: string): string =>
        text
          .replaceAll(room.cwd, 'FOLDER')
          .replace(/\d+(?:\.\d+)?(?:ms|s|m|h|d)\b/g, 'N')
          .replace(/ +/g, ' ');
      return { code, stdout: steady(stdout), stderr: steady(stderr), requests: asked[at] ?? [] };
    };
    const found: unknown[] = [];
    for (const line of lines) {
      const [fast, slow] = await Promise.all([carryOut(0, line), carryOut(1, line)]);
      if (JSON.stringify(fast) !== JSON.stringify(slow)) found.push({ line, fast, full: slow });
    }
    return found;
  } finally {
    for (const room of rooms) await room[Symbol.asyncDispose]();
  }
}

describe('a verb that is carried out at once', () => {
  it.each(Object.entries(LINES))(
    'asks and says what the full command does: %s',
    async (_, lines) => {
      expect(await differences(lines, canned)).toEqual([]);
    },
    180_000,
  );

  it.each<[string, Partial<Canned>]>([
    [
      'is refused',
      { ...canned, failure: { code: 'FROZEN', message: 'shop is frozen', hint: 'unfreeze it' } },
    ],
    ['is not done in time', { ...canned, apps: [failed], targets: [{ ...done, app: 'shop/web' }] }],
    ['is done later', { ...canned, watch: [appList(app('api', PROGRESSING)), appList(app('api'))] }],
  ])(
    'does so when it %s',
    async (_, serve) => {
      const lines = ['stop api --timeout 5s', 'scale api 2 -o json --timeout 5s', 'restart all --timeout 5s'];
      expect(await differences(lines, serve)).toEqual([]);
    },
    120_000,
  );

  it.each<[string, RunOptions]>([
    ['on a terminal', { terminal: true }],
    ['in colours', { env: { FORCE_COLOR: '1' } }],
    ['without a cache', { env: { STATEWARD_NO_CODE_CACHE: '1' } }],
  ])(
    'does so %s',
    async (_, options) => {
      expect(await differences(['stop api', 'scale api 2', 'start nobody'], canned, options)).toEqual([]);
    },
    120_000,
  );

  it('leaves starting a daemon, and looking at what is on disk, to the full command', async () => {
    await using room = await createRoom(cli);
    const { code, stderr } = await room.run(['stop', 'nobody']);
    expect(code).not.toBe(0);
    expect(stderr).not.toContain('NotPlain');
  });

  it('is not asked for again when the daemon is gone once it was done', async () => {
    await using room = await createRoom(cli);
    const body = JSON.stringify({ results: [], targets: [done] });
    await using daemon = await serveOnce(room.home, (asked) => (asked.startsWith('POST') ? body : null));
    const { code } = await room.run(['stop', 'api', '--timeout', '1s']);
    expect(code).toBe(4);
    expect(daemon.asked.filter((asked) => asked.startsWith('POST'))).toHaveLength(1);
  });

  it.each(['scale api 2', 'stop api', 'restart api'])('%s: three questions, each once', async (line) => {
    await using room = await createRoom(cli);
    const list = JSON.stringify(appList(app('api')));
    const results = [{ app: 'shop/api', changed: true, message: 'done' }];
    const body = JSON.stringify({ results, targets: [done] });
    await using daemon = await serveOnce(room.home, (asked) => (asked.startsWith('POST') ? body : list));
    expect((await room.run(line.split(' '))).code).toBe(0);
    expect(daemon.asked).toEqual([
      'POST /v1/verbs',
      'GET /v1/apps?selector=shop%2Fapi&spec=none',
      'GET /v1/apps?selector=shop%2Fapi&spec=none&detail=brief',
    ]);
  });
});

/** A daemon that answers each request with a text, and breaks off where there is none; `asked`: what it was asked. */
async function serveOnce(
  home: string,
  answerTo: (asked: string) => string | null,
): Promise<AsyncDisposable & { readonly asked: readonly string[] }> {
  await mkdir(join(home, 'run'), { recursive: true, mode: 0o700 });
  const asked: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (data) => {
      const [, line = ''] = /^(\S+ \S+)/.exec(data.toString()) ?? [];
      asked.push(line);
      const body = answerTo(line);
      if (body === null) socket.destroy();
      else
        socket.end(
          `HTTP/1.1 200 OK\r\nstateward-api: 0-1\r\nstateward-build: 1.2.3 unknown\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        );
    });
  });
  await new Promise<void>((listens) => server.listen(join(home, 'run', 'api.sock'), listens));
  return { asked, [Symbol.asyncDispose]: () => new Promise((closed) => server.close(() => closed())) };
}

describe('what a verb loads', () => {
  it.each(['stop api', 'start api', 'restart api', 'reload api', 'delete api', 'scale api 2'])(
    '%s: one file of the build beside the program itself',
    async (line) => {
      await using room = await createRoom(cli);
      await room.serve(canned);
      const hook = join(room.cwd, 'hook.cjs');
      await writeFile(
        hook,
        `const fs = require('node:fs');
         const read = fs.readFileSync;
         const files = [];
         fs.readFileSync = (file, ...rest) => (files.push(String(file)), read(file, ...rest));
         process.on('exit', () => fs.writeFileSync(process.env.LOADED, JSON.stringify(files)));`,
      );
      const out = join(room.cwd, 'loaded.json');
      const env = { NODE_OPTIONS: `--require=${hook}`, LOADED: out };
      expect((await room.run(line.split(' '), { env })).code).toBe(0);
      const files = JSON.parse(await readFile(out, 'utf8')) as readonly string[];
      const programs = files.filter((file) => file.endsWith('.cjs')).map((file) => file.replace(/.*\//, ''));
      expect(programs).toEqual(['bin.cjs', 'verbs.cjs']);
    },
  );

  it('holds no package, and stays small', async () => {
    const text = await readFile(join(dirname(cli.bin), 'verbs.cjs'), 'utf8');
    expect(text.match(/^\/\/ node_modules\/.*$/gm)).toBeNull();
    const built = resolve(import.meta.dirname, '../../../dist/verbs.cjs');
    expect((await stat(built)).size).toBeLessThan(150_000);
  });
});

it.each([...'stop start restart reload gracefulReload delete del rm scale'.split(' ')])(
  '%s is called as the command line has it',
  (word) => {
    const name = verbNamed([word]) ?? '';
    const { aliases = [] } = COMMANDS[name] ?? {};
    expect([name, ...aliases]).toContain(word);
  },
);
