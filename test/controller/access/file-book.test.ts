import { fork } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { accessBooks, type AccessBooks } from '../../../src/controller/access/books.ts';
import { Sessions } from '../../../src/home/access/sessions.ts';
import { Touches } from '../../../src/home/access/touches.ts';
import { createToken, tokenOf, type NewToken, type TokenRecord } from '../../../src/home/access/tokens.ts';
import { sealEnvelope } from '../../../src/state/disk/envelope.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { temporaryFolder } from '../../state/folder.ts';

interface Rig extends AccessBooks {
  readonly folder: string;
  readonly clock: FakeClock;
  readonly lines: string[];
}

function rig(folder = temporaryFolder()): Rig {
  const clock = new FakeClock();
  const lines: string[] = [];
  const paths = { tokens: join(folder, 'tokens'), sessions: join(folder, 'sessions') };
  return { folder, clock, lines, ...accessBooks(paths, clock, (line) => lines.push(line)) };
}

function make({ tokens, clock }: Rig, wanted: Partial<NewToken> = {}) {
  return createToken(tokens, {
    ...{ name: 'ci', access: 'read', by: 'alice', use: 'token', forMs: null, now: clock.now() },
    ...wanted,
  });
}

const fileOf = ({ folder }: Rig, { id }: TokenRecord): string => join(folder, 'tokens', `${id}.json`);

describe('a token on disk', () => {
  test('is known to whoever opens the folder next, for its owner alone, and by its hash', async () => {
    const first = rig();
    const { token, record } = await make(first);
    const next = rig(first.folder);
    expect(await tokenOf(next.tokens, token)).toEqual(record);
    const file = fileOf(first, record);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(first.folder, 'tokens')).mode & 0o777).toBe(0o700);
    expect(readFileSync(file, 'utf8')).not.toContain(token.slice(4));
    expect(readdirSync(join(first.folder, 'tokens'))).toEqual([`${record.id}.json`]);
  });

  test('is used at the time of its file', async () => {
    const one = rig();
    const { record } = await make(one);
    expect((await one.tokens.read(record.id))?.usedAt).toBe(one.clock.now());
    one.clock.advance(90_000);
    await one.tokens.touch(record.id);
    expect((await rig(one.folder).tokens.read(record.id))?.usedAt).toBe(one.clock.now());
    // One that is gone is not made again.
    await one.tokens.remove(record.id);
    await one.tokens.touch(record.id);
    expect(await one.tokens.list()).toEqual([]);
  });

  test.each<[string, (text: string) => string]>([
    ['cut off', (text) => text.slice(0, 40)],
    ['empty', () => ''],
    ['with another access', (text) => text.replace('"read"', '"write"')],
    ['that is no JSON', () => 'open sesame'],
    ['of another shape', () => sealEnvelope({ access: 'write' })],
    [
      'with a sealed record of another id',
      (text) => {
        const { data } = JSON.parse(text) as { data: TokenRecord };
        return sealEnvelope({ ...data, id: 'f'.repeat(32), access: 'write' });
      },
    ],
  ])('and damaged, %s, opens nothing, and is set aside', async (_, damage) => {
    const one = rig();
    const { token, record } = await make(one);
    const file = fileOf(one, record);
    writeFileSync(file, damage(readFileSync(file, 'utf8')));
    expect(await tokenOf(one.tokens, token)).toBeNull();
    expect(await one.tokens.list()).toEqual([]);
    expect(readdirSync(join(one.folder, 'tokens'))).toEqual([
      expect.stringContaining(`${record.id}.json.corrupt-`),
    ]);
    expect(one.lines.join('\n')).toContain('opens nothing');
  });

  test('in the place of which something else stands opens nothing', async () => {
    const one = rig();
    const { token, record } = await make(one);
    const elsewhere = join(one.folder, 'elsewhere.json');
    writeFileSync(elsewhere, readFileSync(fileOf(one, record)));
    await one.tokens.remove(record.id);
    symlinkSync(elsewhere, fileOf(one, record));
    expect(await tokenOf(one.tokens, token)).toBeNull();
    mkdirSync(fileOf(one, record));
    expect(await tokenOf(one.tokens, token)).toBeNull();
  });

  test('that cannot be read for a while is kept', async () => {
    if (process.getuid?.() === 0) return;
    const one = rig();
    const { token, record } = await make(one);
    chmodSync(fileOf(one, record), 0o000);
    expect(await tokenOf(one.tokens, token)).toBeNull();
    chmodSync(fileOf(one, record), 0o600);
    expect(await tokenOf(one.tokens, token)).toEqual(record);
  });

  test.each(['..', '../tokens/x', 'A'.repeat(32), '', 'a'.repeat(31)])(
    'is not one with the id %j',
    async (id) => {
      const one = rig();
      expect(await one.tokens.read(id)).toBeNull();
      expect(await one.tokens.remove(id)).toBe(false);
    },
  );

  test('that cannot be written is not made', async () => {
    const one = rig();
    writeFileSync(join(one.folder, 'tokens'), 'a file in the place of the folder');
    await expect(make(one)).rejects.toThrow();
  });

  test('half written by one who was killed is taken away, that of one at work is not', async () => {
    const one = rig();
    await make(one);
    const [old, young] = ['.old.tmp', '.young.tmp'].map((name) => join(one.folder, 'tokens', name));
    writeFileSync(old ?? '', 'x');
    writeFileSync(young ?? '', 'x');
    const { utimesSync } = await import('node:fs');
    utimesSync(old ?? '', 0, 0);
    await one.tokens.tidy();
    expect(readdirSync(join(one.folder, 'tokens')).filter((name) => name.endsWith('.tmp'))).toEqual([
      '.young.tmp',
    ]);
  });
});

/** Takes every log-in of a folder, and says how many it got. */
const TAKER = `
const { readdirSync, unlinkSync } = require('node:fs');
process.on('message', (folder) => {
  let got = 0;
  for (const name of readdirSync(folder)) { try { unlinkSync(folder + '/' + name); got++; } catch {} }
  process.send(got);
});
process.send('ready');
`;

describe('two processes at once', () => {
  test('never both take what can be taken once', async () => {
    const one = rig();
    const made = await Promise.all(Array.from({ length: 40 }, () => make(one, { use: 'login' })));
    const file = join(one.folder, 'taker.cjs');
    writeFileSync(file, TAKER);
    const child = fork(file);
    const told = (): Promise<unknown> => new Promise((resolve) => child.once('message', resolve));
    await told();
    const theirs = told();
    child.send(join(one.folder, 'tokens'));
    const mine = await Promise.all(made.map(({ record }) => one.tokens.remove(record.id)));
    expect(mine.filter(Boolean).length + Number(await theirs)).toBe(made.length);
    child.kill();
    expect(await one.tokens.list()).toEqual([]);
  });

  test('know each other’s sessions, and their ends', async () => {
    const [one, other] = (() => {
      const first = rig();
      return [first, rig(first.folder)];
    })();
    const open = (of: Rig): Sessions =>
      new Sessions({
        ...{ tokens: of.tokens, sessions: of.sessions, now: () => of.clock.now() },
        touches: new Touches(() => of.clock.now()),
        limits: () => ({ idleMs: 60_000, maxMs: 600_000 }),
      });
    const { record } = await make(one);
    const begun = await open(one).begin(record);
    expect((await open(other).of(begun?.secret ?? ''))?.name).toBe('ci');
    await other.tokens.remove(record.id);
    expect(await open(one).of(begun?.secret ?? '')).toBeNull();
  });
});
