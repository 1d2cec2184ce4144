import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { LeavingApps } from '../../../src/controller/context/leaving-apps.ts';
import { loopState, type LoopStateOptions } from '../../../src/controller/context/loop-state.ts';
import { GivenHashes } from '../../../src/controller/secrets/given-hashes.ts';
import { SecretHashes } from '../../../src/controller/secrets/secret-hashes.ts';
import type { DesiredApp } from '../../../src/plan/model/desired.ts';
import { SecretBook } from '../../../src/controller/secrets/secret-book.ts';
import { rotatedSecrets } from '../../../src/plan/model/secrets.ts';
import { redactText } from '../../../src/spec/secrets/redact.ts';
import { appSpec } from '../../state/specs.ts';

const folder = mkdtempSync(join(tmpdir(), 'stw-book-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = join(folder, 'db');
const app = { project: 'shop', spec: appSpec({ name: 'api', env_from: { DB: { from_file: file } } }) };
let book: SecretBook;

beforeEach(() => {
  writeFileSync(file, 'first-value-1');
  book = new SecretBook({ environment: {}, baseEnv: {}, key: Buffer.alloc(32, 1) });
});

const ofCommand = async (): Promise<string | undefined> => (await book.forCommand(app)).values['DB'];

describe('what was read for a start', () => {
  it('is what commands beside the process have, until a start reads it again', async () => {
    await book.forStart(app);
    writeFileSync(file, 'second-value-2');
    expect(await ofCommand()).toBe('first-value-1');
    await book.forStart(app);
    expect(await ofCommand()).toBe('second-value-2');
  });

  it('is kept for no app of which nothing is left', async () => {
    await book.forStart(app);
    writeFileSync(file, 'second-value-2');
    const leaving = new LeavingApps();
    const state = loopState({ leaving, secrets: book } as unknown as LoopStateOptions);
    state.gone('shop/other');
    expect(await ofCommand()).toBe('first-value-1');
    state.gone('shop/api');
    expect(await ofCommand()).toBe('second-value-2');
  });
});

describe('a value that was read', () => {
  const shownOf = async (name: string, text: string, secrets: readonly string[] = []): Promise<string> => {
    writeFileSync(file, text);
    await book.look(appSpec({ name: 'api', env_from: { [name]: { from_file: file } }, secrets }));
    return redactText(`it says: ${text}.`);
  };

  it('is in no text that is shown, and a word is where nothing says that it is a secret', async () => {
    expect(await shownOf('DB', 'kept-away-42')).toBe('it says: <redacted>.');
    expect(await shownOf('LEVEL', 'quietly')).toBe('it says: quietly.');
    expect(await shownOf('DB_PASSWORD', 'swordfish')).toBe('it says: <redacted>.');
    expect(await shownOf('CODEWORD', 'mellon', ['CODE*'])).toBe('it says: <redacted>.');
  });
});

describe('the hash of a value', () => {
  it('tells values and variables apart, and one that is left out, and is of the key', async () => {
    const hashOf = async (
      key: Buffer | null,
      name: string,
      text: string | null,
    ): Promise<string | undefined> => {
      if (text === null) rmSync(file);
      else writeFileSync(file, text);
      const from = { from_file: file, ...(text === null && { optional: true }) };
      const { hashes } = await new SecretBook({ environment: {}, baseEnv: {}, key }).look(
        appSpec({ name: 'api', env_from: { [name]: from } }),
      );
      return hashes[name];
    };
    const [one, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const same = await hashOf(one, 'A', 'x');
    expect(same).toMatch(/^[0-9a-f]{8}:1:[0-9a-f]{32}$/);
    // A key that was lost makes no rotation of every secret.
    const ofOther = await hashOf(other, 'A', 'y');
    const rotated = (after: string | undefined): readonly string[] =>
      rotatedSecrets({ secrets: { A: same ?? '' } }, { secrets: { A: after ?? '' } });
    expect([rotated(ofOther), rotated(await hashOf(one, 'A', 'y'))]).toEqual([[], ['A']]);
    expect(await hashOf(one, 'A', 'x')).toBe(same);
    const others = [
      await hashOf(one, 'A', 'y'),
      await hashOf(one, 'B', 'x'),
      await hashOf(other, 'A', 'x'),
      await hashOf(one, 'A', null),
    ];
    expect(new Set([same, ...others]).size).toBe(5);
    expect(await hashOf(null, 'A', 'x')).toBeUndefined();
  });
});

describe('a value that an earlier controller has read', () => {
  const key = Buffer.alloc(32, 7);
  const given = join(folder, 'secret.given');
  const log = (message: string): void => expect.fail(message);
  const later = () =>
    new SecretBook({ environment: {}, baseEnv: {}, key, given: new GivenHashes(given, log) });
  const written = new SecretHashes(key);
  const api = { key: 'shop/api', project: 'shop', spec: app.spec } as unknown as DesiredApp;

  it('is found in what the app has written, wherever it stands, by a file that does not hold it', () => {
    const hashes = new GivenHashes(given, log);
    for (const value of ['earlier-value-1', 'earlier-value-2', 'another-7']) {
      hashes.add('shop/api', { DB: written.of('DB', value) });
      hashes.add('shop/api', { DB: written.of('DB', value) });
    }
    expect(readFileSync(given, 'utf8').trim().split('\n')).toHaveLength(3);
    expect(readFileSync(given, 'utf8')).not.toMatch(/earlier|another/);
    expect(statSync(given).mode & 0o777).toBe(0o600);
    const line = 'cannot log in:earlier-value-2,another-7 or earlier-value-3';
    expect(redactText(later().uncover(line, api))).toBe(
      'cannot log in:<redacted>,<redacted> or earlier-value-3',
    );
  });

  it('is not shown behind the part of a line in which it was looked for', () => {
    const line = `${'x'.repeat(1_500)}earlier-value-1`;
    expect(later().uncover(line, api)).toBe(`${'x'.repeat(1_000)}…`);
  });

  it('is that of its app, and the newest of many are kept', () => {
    const many = new GivenHashes(given, log);
    for (let number = 0; number < 100; number += 1) many.add('shop/web', { A: `k:8:${number}` });
    const read = new GivenHashes(given, log);
    expect(read.of('shop/web')).toHaveLength(64);
    expect(read.of('shop/web').at(-1)).toEqual(['A', 'k:8:99']);
    expect(read.of('shop/api')).toHaveLength(3);
  });
});
