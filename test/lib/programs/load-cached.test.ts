import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadCached } from '../../../src/lib/programs/load-cached.ts';
import { eventually } from '../../support/eventually.ts';
import { Host } from '../../support/host.ts';

let folder: string;
let caches: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stw-cached-'));
  caches = join(folder, 'caches/stateward');
  file = join(folder, 'program.cjs');
  build('2 * n');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A program of always the same length and time. */
function build(double: '2 * n' | 'n * 2'): void {
  writeFileSync(file, `exports.double = (n) => ${double}; exports.place = [__filename, __dirname];`);
  utimesSync(file, 1_000, 1_000);
}

const kept = (): readonly string[] => {
  try {
    return readdirSync(caches);
  } catch {
    return [];
  }
};

function load(version = 'one', env: Readonly<Record<string, string>> = {}): void {
  const program = loadCached({
    file,
    version,
    slot: 'test',
    env: { XDG_CACHE_HOME: join(folder, 'caches'), ...env },
    keepAfterMs: 0,
    require: createRequire(import.meta.url),
  }) as { double: (n: number) => number; place: readonly string[] };
  expect(program.double(21)).toBe(42);
  expect(program.place).toEqual([file, folder]);
}

/** Loads it, and gives the file of its code as soon as that is kept. */
async function loadedAndKept(): Promise<string> {
  load();
  const [name = ''] = await eventually(() => {
    const names = kept();
    return names.length === 1 && names[0]?.endsWith('.bin') === true ? names : undefined;
  });
  return join(caches, name);
}

describe('the code of a program that stays', () => {
  it('is kept soon after its start, for nobody else, and used by the next run of this build', async () => {
    const cache = await loadedAndKept();
    expect(statSync(cache).mode & 0o777).toBe(0o600);
    expect(statSync(caches).mode & 0o777).toBe(0o700);
    const { ino } = statSync(cache);
    load();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(statSync(cache).ino).toBe(ino);
  });

  it.each<[string, (cache: string) => void]>([
    ['is none', (cache) => writeFileSync(cache, 'no compiled code')],
    ['is empty', (cache) => writeFileSync(cache, '')],
    ['ends early', (cache) => truncateSync(cache, 200)],
    // V8 would take it, and die of it.
    ['has a hole', (cache) => writeFileSync(cache, readFileSync(cache).fill(0, 200, 400))],
  ])('is kept anew where what is kept %s, and by another build in its place', async (_what, spoil) => {
    const cache = await loadedAndKept();
    spoil(cache);
    const { ino } = statSync(cache);
    // V8 asks for no cache of a text that it has compiled in this process.
    build('n * 2');
    load();
    await eventually(() => statSync(cache).ino !== ino);
    load('two');
    await eventually(() => kept().length === 1 && kept()[0]?.includes('-two-'));
  });

  it.each([
    ['a folder that others can write', () => chmodSync(caches, 0o777)],
    [
      'what is no folder',
      () => {
        rmSync(caches, { recursive: true });
        writeFileSync(caches, '');
      },
    ],
  ])('is not looked for or kept in %s', async (_what, spoil) => {
    mkdirSync(caches, { recursive: true });
    spoil();
    load();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(kept()).toEqual([]);
  });

  it('is compiled where nothing is to be kept', async () => {
    load('one', { STATEWARD_NO_CODE_CACHE: '1' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(kept()).toEqual([]);
  });
});

it('is kept of what answers one request without a daemon', async () => {
  await using host = new Host();
  host.declare({ name: 'web', script: 'sleep 1000' });
  const env = { XDG_CACHE_HOME: join(folder, 'caches') };
  const planned = (): Promise<string> => host.run(['plan'], { env }).then(({ stdout }) => stdout);
  const first = await planned();
  const [cache = ''] = kept().filter((name) => name.includes('-one-shot-'));
  const { ino } = statSync(join(caches, cache));
  expect(await planned()).toBe(first);
  expect(statSync(join(caches, cache)).ino).toBe(ino);
});
