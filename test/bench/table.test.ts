import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const PROGRAM = join(import.meta.dirname, '../../bench/run.mjs');
const folder = mkdtempSync(join(tmpdir(), 'stw-table-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function bench(...args: readonly string[]): Promise<Ran> {
  return benchIn({ NO_COLOR: '1' }, ...args);
}

function benchIn(env: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [PROGRAM, ...args],
      { env: { PATH: process.env['PATH'], ...env } },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
  });
}

const head = {
  machine: { cores: 2, cpu: 'a processor', memoryGib: 4, kernel: 'linux 6.1' },
  node: 'v20.19.0',
  commit: 'abcdef0123',
  dirty: true,
  date: '2026-01-02T03:04:05.000Z',
  loadAtStart: [0.1, 0.2, 0.3],
  pm2: '7.0.4',
  pm2Missing: null,
  seconds: 61,
};

let files = 0;
/** The table of what was measured, as it was printed with `--json`. */
function saved(rows: Record<string, object>, heads: readonly object[] = [head]): string {
  const file = join(folder, `run-${files++}.json`);
  const listed = Object.entries(rows).map(([id, measured]) => ({ id, error: null, ...measured }));
  writeFileSync(file, JSON.stringify({ formatVersion: 1, heads, rows: listed }));
  return file;
}

interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly count: number;
}

interface Row {
  readonly id: string;
  readonly verdict: string;
  readonly error: string | null;
  readonly figures: Readonly<Record<string, Spread | null>>;
  readonly goals: readonly { readonly text: string; readonly verdict: string }[];
}

interface SavedRun {
  readonly heads: readonly object[];
  readonly rows: readonly Row[];
}

async function rowsOf(...paths: readonly string[]): Promise<readonly Row[]> {
  const { stdout } = await bench('--json', ...paths.flatMap((path) => ['--from', path]));
  return (JSON.parse(stdout) as SavedRun).rows;
}

async function verdictOf(id: string, samples: object): Promise<string | undefined> {
  return (await rowsOf(saved({ [id]: { samples } })))[0]?.verdict;
}

const get = { samples: { ours: [60, 44, 50], bare: [40, 40, 40], pm2: [200] } };

describe('the table of benchmarks', () => {
  it('gives medians with their spread, and ratios pair by pair', async () => {
    const [row] = await rowsOf(
      saved({ get: { samples: { ours: [60, 44, 50, 90], bare: [40, 40, 50, 60], pm2: [200, 180] } } }),
    );
    expect(row?.figures).toMatchObject({
      ours: { median: 55, min: 44, max: 90, count: 4 },
      bare: { median: 45 },
      ratio: { median: 1.3, min: 1, max: 1.5 },
      over: { median: 12, min: 0, max: 30 },
      pm2: { median: 190, min: 180, max: 200, count: 2 },
      pm2Ratio: { min: 4, max: 200 / 45 },
    });
  });

  it.each([
    ['at its bound', 'get', { ours: [50], bare: [40] }, 'met'],
    ['over its bound', 'get', { ours: [51], bare: [40] }, 'missed'],
    ['by its median, whatever one run was', 'get', { ours: [40, 40, 90], bare: [40, 40, 40] }, 'met'],
    ['by what it takes longer than the bare one', 'respawn', { ours: [55], bare: [40] }, 'met'],
    ['by what it takes longer, over its bound', 'respawn', { ours: [55.1], bare: [40] }, 'missed'],
    ['in every run, where it is promised for every run', 'apply-touched', { ours: [0, 0, 1] }, 'missed'],
    ['as unmeasured, where there are no samples', 'get', { ours: [] }, 'unmeasured'],
  ])('judges a goal %s', async (_, id, samples, verdict) => {
    expect(await verdictOf(id, samples)).toBe(verdict);
  });

  it('shows a miss in red, and what holds in green, where colours are wanted', async () => {
    const file = saved({ get: { samples: { ours: [80], bare: [40] } }, why: { samples: get.samples } });
    const { stdout } = await benchIn({ FORCE_COLOR: '1' }, '--from', file);
    const has = (text: string): boolean => stdout.includes(`\u001b[${text}`);
    expect([has('31m✗ get '), has('32m✓ why '), has('31m✓')]).toEqual([true, true, false]);
  });

  it('names the goal that is missed, and says why below', async () => {
    const { code, stdout } = await bench('--from', saved({ get: { samples: { ours: [80], bare: [40] } } }));
    expect(code).toBe(0);
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toMatch(/^✗ get .*<= 1\.25 x node -e 0 +80 ms +node -e 0: 40 ms +2\.00$/m);
    expect(stdout).toMatch(/^get: missed: \S/m);
    expect(stdout).toContain('1 rows: 0 met, 1 missed, 0 not measured');
    expect(stdout).toContain('2 cores (a processor), 4 GiB, linux 6.1, Node v20.19.0');
    expect(stdout).toContain('commit abcdef0123 with changes that are not committed');
  });

  it('fails where a row could not be measured, and says why', async () => {
    const file = saved({ get, apply: { error: 'the daemon did not start' } });
    const { code, stdout } = await bench('--from', file);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^\? apply .*not measured/m);
    expect(stdout).toContain('apply: not measured: the daemon did not start');
  });

  it('says that there was no PM2, and leaves its columns empty', async () => {
    const heads = [{ ...head, pm2: null, pm2Missing: 'npm cannot install pm2' }];
    const file = saved({ get: { samples: { ours: [44], bare: [40], pm2: [] } } }, heads);
    const { stdout } = await bench('--from', file);
    expect(stdout).toContain('no PM2 beside: npm cannot install pm2');
    expect(stdout).toMatch(/^✓ get .* 1\.10$/m);
  });

  it('makes one table of several runs: the newer of a row counts', async () => {
    const first = saved({ get, why: get });
    const second = saved({ why: { samples: { ours: [40], bare: [40] } } });
    const rows = await rowsOf(first, second);
    expect(rows.map(({ id, figures }) => [id, figures['ratio']?.median])).toEqual([
      ['get', 1.25],
      ['why', 1],
    ]);
  });

  it('is written into a page between its marks, in the place of the one before', async () => {
    const page = join(folder, 'page.md');
    const begin = '<!-- bench: the newest table; `npm run bench -- --write` writes it -->';
    const end = '<!-- bench: end of the table -->';
    writeFileSync(page, `# Page\n\n${begin}\n\nold\n\n${end}\n\nThe end.\n`);
    const missed = saved({ get: { samples: { ours: [80], bare: [40] } } });
    await bench('--from', missed, '--write', '--page', page);
    await bench('--from', missed, '--write', '--page', page);
    const text = readFileSync(page, 'utf8');
    expect(text.startsWith(`# Page\n\n${begin}\n\n2 cores`)).toBe(true);
    expect(text.endsWith(`${end}\n\nThe end.\n`)).toBe(true);
    expect(text.match(/^\| 🔴 +\| `get` .*≤ 1\.25 x node -e 0/gm)).toHaveLength(1);
    expect(text).not.toContain('old');
  });

  it('measures a goal in no other unit than the row is in', async () => {
    const [row] = await rowsOf(saved({ respawn: { samples: { ours: [55], bare: [40] } } }));
    expect(row?.goals[0]?.text).toBe('<= a bare loop + 15 ms');
  });
});

describe('the command', () => {
  it('refuses a row that is not there, with one error that names those that are', async () => {
    const { code, stdout, stderr } = await bench('--only', 'get,nothing');
    expect([code, stdout]).toEqual([64, '']);
    expect(stderr).toMatch(/^bench: no row is called nothing; there are .*\bget\b.*\n$/);
  });

  it('measures the other rows where one cannot be measured, and leaves nothing behind', async () => {
    mkdirSync(join(folder, 'build/dist'), { recursive: true });
    mkdirSync(join(folder, 'tmp'));
    writeFileSync(
      join(folder, 'build/dist/bin.cjs'),
      `if (process.argv[2] === 'why') { console.error('no answer'); process.exit(3); }`,
    );
    const args = ['--build', join(folder, 'build'), '--without-pm2', '--only', 'why,version', '--json'];
    const { code, stdout } = await benchIn({ TMPDIR: join(folder, 'tmp') }, ...args);
    expect(code).toBe(1);
    const { heads, rows } = JSON.parse(stdout) as SavedRun;
    expect(heads[0]).toMatchObject({ node: process.version, commit: 'unknown', pm2: null });
    const [why, version] = rows;
    expect(why).toMatchObject({ id: 'why', verdict: 'unmeasured' });
    expect(why?.error).toMatch(/why idle-0 ended with 3: no answer/);
    expect(version).toMatchObject({ id: 'version', error: null, figures: { pm2: null } });
    expect(version?.figures['ratio']?.count).toBeGreaterThan(10);
    expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  });

  it('refuses an option that is not there', async () => {
    const { code, stderr } = await bench('--fast');
    expect(code).toBe(64);
    expect(stderr).toMatch(/^bench: .*--fast.*\n$/);
  });

  it('has a row for every goal of speed and size', async () => {
    const { stdout } = await bench('--rows');
    const ids = stdout.split('\n').map((line) => line.split(' ')[0]);
    expect(ids).toEqual(expect.arrayContaining(PROMISED));
    expect(new Set(ids).size).toBe(ids.length);
  });
});

/** One for each goal, see docs/benchmarks.md. */
const PROMISED = [
  ...['get', 'why', 'describe', 'events', 'history', 'rollout-status', 'logs', 'plan'],
  ...['apply', 'apply-touched', 'cold-start', 'respawn'],
  ...['connections-new', 'connections-kept', 'spread-20', 'spread-64', 'spread-512'],
  ...['reload-failed', 'reload-time', 'log-sink', 'log-sink-time'],
  ...['idle-rss', 'idle-pss', 'idle-cpu'],
  ...['kill-controller', 'kill-runner', 'kill-restarts', 'kill-failed'],
  ...['plan-10000', 'plan-growth', 'metrics'],
  ...['scale-apply', 'scale-plan', 'scale-get'],
];
