import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MessageResponse } from '../../src/api/contract/wire/messages.ts';
import { buildCli } from './support/build.ts';
import type { BuiltCli } from './support/build.ts';
import { app } from './support/fixtures.ts';
import { createRoom } from './support/run.ts';

let cli: BuiltCli;
beforeAll(async () => {
  cli = await buildCli();
});
afterAll(() => cli[Symbol.asyncDispose]());

const sent = { app: 'shop/web', slot: 0, sent: true, message: null } as const;
const refused = { app: 'shop/web', slot: 1, sent: false, message: 'it has no channel' } as const;

async function shop(messageResults: MessageResponse['results']) {
  const room = await createRoom(cli);
  const messages: unknown[] = [];
  await room.serve({ apps: [app('web')], messageResults, onMessage: (message) => messages.push(message) });
  return { ...room, messages, [Symbol.asyncDispose]: () => room[Symbol.asyncDispose]() };
}

describe('send', () => {
  it.each([
    ['{"type":"flush","deep":[1,null]}', { type: 'flush', deep: [1, null] }],
    ['42', 42],
    ['"42"', '42'],
    ['null', null],
    ['hello there', 'hello there'],
    ['{not json', '{not json'],
    ['', ''],
  ])('gives %j to the app as %j', async (words, message) => {
    await using room = await shop([sent]);
    expect(await room.run(['send', 'web', words])).toMatchObject({ code: 0, stderr: '' });
    expect(room.messages).toEqual([message]);
  });

  it('reads standard input for -', async () => {
    await using room = await shop([sent]);
    expect((await room.run(['send', 'web', '-'], { input: '{"a":\n1}\n' })).code).toBe(0);
    expect((await room.run(['send', 'web', '-'], { input: 'hello\n' })).code).toBe(0);
    expect(room.messages).toEqual([{ a: 1 }, 'hello']);
  });

  it('says of every instance whether it was given the message', async () => {
    await using room = await shop([sent, refused]);
    expect(await room.run(['send', 'shop/web', 'hi'])).toEqual({
      code: 0,
      stdout: 'shop/web:0  sent\nshop/web:1  not sent: it has no channel\n',
      stderr: '',
    });
    const json = await room.run(['send', 'web', 'hi', '-o', 'json']);
    expect(JSON.parse(json.stdout)).toEqual({ results: [sent, refused] });
  });

  it('exits 1 when no instance was given it', async () => {
    await using deaf = await shop([refused]);
    expect((await deaf.run(['send', 'web', 'hi'])).code).toBe(1);
    await using stopped = await shop([]);
    expect(await stopped.run(['send', 'web', 'hi'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'no instance runs\n',
    });
  });

  it.each([
    [['send'], 64, 'name an app and a message'],
    [['send', 'web'], 64, 'name an app and a message'],
    [['send', 'web', 'hello', 'there'], 64, 'unexpected argument: there'],
    [['send', 'nope', 'hi'], 1, 'no app matches nope'],
  ])('%j exits %i and says what is wrong', async (args, code, text) => {
    await using room = await shop([sent]);
    const ran = await room.run(args);
    expect(ran).toMatchObject({ code, stdout: '' });
    expect(ran.stderr).toContain(text);
    expect(room.messages).toEqual([]);
  });

  it('starts no daemon', async () => {
    await using room = await createRoom(cli);
    expect((await room.run(['send', 'web', 'hi'])).code).toBe(69);
  });
});
