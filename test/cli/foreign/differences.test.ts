import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DIFFERENCES, type DifferingWord } from '../../../src/cli/foreign/differences.ts';
import { buildCli } from '../support/build.ts';
import type { BuiltCli } from '../support/build.ts';
import { app } from '../support/fixtures.ts';
import { createRoom } from '../support/run.ts';

let cli: BuiltCli;
beforeAll(async () => {
  cli = await buildCli();
});
afterAll(() => cli[Symbol.asyncDispose]());

/** How each word is typed; the compiler asks for every one of them. */
const TYPED: Readonly<Record<DifferingWord, readonly string[]>> = {
  delete: ['delete', 'web'],
  env: ['env', 'web'],
  kill: ['kill'],
  scale: ['scale', 'web', '2'],
  send: ['send', 'web', 'hello'],
  stop: ['stop', 'web'],
  start: ['start', 'web'],
};

async function shop(word: DifferingWord, changed = word !== 'start') {
  const room = await createRoom(cli);
  // The canned daemon does not end when it is asked to.
  if (word === 'kill') return room;
  await room.serve({
    apps: [app('web')],
    verbResults: [{ app: 'shop/web', changed, message: changed ? 'done' : 'is running already' }],
    messageResults: [{ app: 'shop/web', slot: 0, sent: true, message: null }],
  });
  return room;
}

function timesSaid(word: DifferingWord, text: string): number {
  return text.split(DIFFERENCES[word]).length - 1;
}

describe('a word that means something else in PM2', () => {
  const words = Object.keys(TYPED) as DifferingWord[];

  it.each(words)('%s is done, and says so once at a terminal', async (word) => {
    await using room = await shop(word);
    const { code, stdout } = await room.run(TYPED[word], { terminal: true });
    expect([code, timesSaid(word, stdout)]).toEqual([0, 1]);
  });

  it.each(words)('%s says nothing of it in a pipe, nor in CI', async (word) => {
    await using room = await shop(word);
    const piped = await room.run(TYPED[word]);
    expect([piped.code, timesSaid(word, piped.stdout + piped.stderr)]).toEqual([0, 0]);
    await using other = await shop(word);
    const { stdout } = await other.run(TYPED[word], { terminal: true, env: { CI: '1' } });
    expect(timesSaid(word, stdout)).toBe(0);
  });

  it('is quiet with -o json, with -s, and where it failed', async () => {
    await using room = await shop('stop');
    for (const more of [['-o', 'json'], ['-s']]) {
      const { code, stdout } = await room.run([...TYPED.stop, ...more], { terminal: true });
      expect([code, timesSaid('stop', stdout)]).toEqual([0, 0]);
    }
    const failed = await room.run(['stop', 'nope'], { terminal: true });
    expect([failed.code, timesSaid('stop', failed.stdout)]).toEqual([1, 0]);
  });

  it('start says it only when everything runs already', async () => {
    await using room = await shop('start', true);
    expect(timesSaid('start', (await room.run(TYPED.start, { terminal: true })).stdout)).toBe(0);
  });
});
