import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCli, type BuiltCli } from '../support/build.ts';
import { app, EXITED } from '../support/fixtures.ts';
import { createRoom, type Room } from '../support/run.ts';

let cli: BuiltCli;
beforeAll(async () => {
  cli = await buildCli();
});

afterAll(() => cli[Symbol.asyncDispose]());

const ENTERED = '\u001b[?1049h';
const LEFT = '\u001b[?7h\u001b[?25h\u001b[?1049l';
const xterm = { TERM: 'xterm-256color' };

/** monit on a terminal of its own, with what it has written there. */
function onTerminal(room: Room, shell: string) {
  const child = room.spawn([], { terminal: true, shell, env: xterm });
  let seen = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (seen += chunk));
  const ended = once(child, 'close');
  return {
    press: (keys: string) => child.stdin.write(keys),
    seen: () => seen,
    /** As a shell has it: 128 and the number of the signal. */
    code: () => child.exitCode,
    async sees(text: string): Promise<void> {
      while (!seen.includes(text)) await once(child.stdout, 'data');
    },
    ended: async () => {
      await ended;
      return seen;
    },
  };
}

describe('monit on a terminal', () => {
  it('takes the screen, shows the apps, and gives it back when it is left', async () => {
    await using room = await createRoom(cli);
    await room.serve({ apps: [app('api'), app('web')], events: [EXITED] });
    const monit = onTerminal(room, `"stateward monit; echo code $?; stty -a"`);
    await monit.sees('shop/api is Healthy');
    expect(monit.seen()).toContain(ENTERED);
    monit.press('e');
    await monit.sees('events of all apps');
    monit.press('qq');
    const seen = await monit.ended();
    expect(seen.slice(seen.indexOf(LEFT))).toContain('code 0');
    expect(seen).toMatch(/ icanon/);
  });

  it.each([
    ['TERM', 143],
    ['HUP', 129],
    ['INT', 130],
  ])('gives it back on SIG%s, and ends by that signal', async (signal, code) => {
    await using room = await createRoom(cli);
    await room.serve({ apps: [app('api')] });
    const monit = onTerminal(room, "'echo pid $$ end; exec stateward monit'");
    await monit.sees(' end');
    await monit.sees('shop/api is Healthy');
    process.kill(Number(/pid (\d+) end/.exec(monit.seen())?.[1]), `SIG${signal}`);
    expect(await monit.ended()).toContain(LEFT);
    expect(monit.code()).toBe(code);
  });

  it('changes nothing before y is pressed', async () => {
    await using room = await createRoom(cli);
    const requests: unknown[] = [];
    await room.serve({ apps: [app('api')], onRequest: (request) => requests.push(request) });
    const monit = onTerminal(room, '"stateward monit"');
    await monit.sees('shop/api is Healthy');
    monit.press('r');
    await monit.sees('[y/N]');
    monit.press('n');
    await monit.sees('restart: not done');
    expect(requests).toEqual([]);
    monit.press('r');
    monit.press('y');
    await monit.sees('restart shop/api …');
    monit.press('q');
    await monit.ended();
    expect(requests).toMatchObject([{ verb: 'restart', selectors: ['shop/api'] }]);
  });
});

describe('monit without a full screen', () => {
  it('prints one table into a pipe, and says so', async () => {
    await using room = await createRoom(cli);
    await room.serve({ apps: [app('api')] });
    const ran = await room.run(['monit']);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/^ID +NAME +HEALTH/);
    expect(ran.stdout).not.toContain('\u001b');
    expect(ran.stderr).toContain('monit needs a terminal: this is how it is now');
  });

  it('prints one table on a dumb terminal, and says so', async () => {
    await using room = await createRoom(cli);
    await room.serve({ apps: [app('api')] });
    const ran = await room.run(['monit'], { terminal: true, env: { TERM: 'dumb' } });
    expect(ran.stdout).toContain('(TERM=dumb) has no full screen');
    expect(ran.stdout).not.toContain('\u001b');
  });

  it('starts no daemon', async () => {
    await using room = await createRoom(cli);
    expect(await room.run(['monit'])).toMatchObject({ code: 69, stdout: '' });
  });
});
