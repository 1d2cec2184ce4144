import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Sender } from '../../../src/controller/notify/sender.ts';
import type { Message } from '../../../src/notify/send/jobs.ts';
import { testNotification } from '../../../src/notify/render/notification.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { eventually } from '../../support/eventually.ts';
import { isAlive } from '../../support/host.ts';
import { receiver } from '../../notify/support.ts';

/** Says its pid and its environment; of `hang` it says nothing, and of `crash` it dies. */
const PROGRAM = `
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { job, message } = JSON.parse(line);
  const { title } = message.notification;
  if (title === 'crash') process.kill(process.pid, 'SIGKILL');
  if (title === 'hang') return;
  console.log(JSON.stringify({ job, ok: true, message: String(process.pid), steps: Object.keys(process.env) }));
}).on('close', () => process.exit(0));
`;

let folder: string;
let program: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stw-sender-'));
  program = join(folder, 'program.cjs');
  writeFileSync(program, PROGRAM);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function rig(file = program): { readonly clock: FakeClock; readonly sender: Sender } & Disposable {
  const clock = new FakeClock();
  const environment = { PATH: process.env['PATH'], HOME: folder, A_SECRET: 'x' };
  const sender = new Sender({ program: file, home: folder, environment, clock, log: () => undefined });
  return { clock, sender, [Symbol.dispose]: () => sender.close() };
}

const { to } = receiver().spec;
function message(title: string): Message {
  const notification = testNotification('id', 0, { host: 'web-1', receiver: 'ops' });
  return { kind: 'notification', notification: { ...notification, title } };
}

describe('the program that sends', () => {
  it('is one for all, has little of the environment, and ends when there has been nothing to send', async () => {
    using world = rig();
    const [one, other] = await Promise.all([
      world.sender.send(to, message('a')),
      world.sender.send(to, message('b')),
    ]);
    expect(one).toMatchObject({ ok: true, message: other.message });
    expect(one.steps).not.toContain('A_SECRET');
    world.clock.advance(10_000);
    await eventually(() => !isAlive(Number(one.message)));
    expect((await world.sender.send(to, message('c'))).message).not.toBe(one.message);
  });

  it('that dies has not delivered what it had, and another one is started for the next', async () => {
    using world = rig();
    const [hung, crashed] = await Promise.all([
      world.sender.send(to, message('hang')),
      world.sender.send(to, message('crash')),
    ]);
    for (const result of [hung, crashed]) {
      expect(result).toMatchObject({ ok: false, message: 'the program that sends has ended (SIGKILL)' });
    }
    expect(await world.sender.send(to, message('a'))).toMatchObject({ ok: true });
  });

  it('that hangs beyond its own bounds is ended', async () => {
    using world = rig();
    const hung = world.sender.send(to, message('hang'));
    await world.sender.send(to, message('a'));
    world.clock.advance(40_000);
    expect(await hung).toMatchObject({ ok: false });
  });

  it('that is not there delivers nothing', async () => {
    using world = rig(join(folder, 'none.cjs'));
    expect(await world.sender.send(to, message('a'))).toMatchObject({ ok: false });
  });
});
