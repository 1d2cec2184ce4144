import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileText } from '../../support/files.ts';
import { allAnswer, ClusterRig } from '../../support/runner/cluster-rig.ts';

let rig: ClusterRig;
beforeEach(async () => {
  rig = await ClusterRig.start();
});
afterEach(() => rig.close());

const ECHO = `process.on('message', (message) => say({ message }));`;
const STAY = `setInterval(() => undefined, 1e6);`;
const SERVER = `const server = require('node:net').createServer((socket) => socket.end(ID));`;
const ANY_PORT = `${SERVER} server.listen(0, '127.0.0.1');`;
const FORK = { shared: false };

describe('when another runner takes over', () => {
  test('messages go both ways, over the very channel', async () => {
    const app = await rig.app(`${ECHO} ${STAY}`, FORK);
    const { instances, pid } = await rig.runner.upgrade();
    expect([instances, pid]).toEqual([1, rig.client.runnerPid]);
    expect(await rig.line(app, () => true)).toMatchObject({ pid: app.pid, connected: true, adopted: true });
    await rig.tell(app, 'again');
    expect(await rig.said(app)).toMatchObject({ message: 'again' });
  });

  test('instances share what they listen on with those that join', async () => {
    const instances = await rig.apps(2, ANY_PORT);
    const port = await rig.port(instances[0] ?? { nonce: '' });
    for (const instance of instances) await rig.listening(instance);
    await rig.runner.upgrade();
    await rig.cameBack(...instances);
    const late = await rig.app(ANY_PORT, { slot: 2 });
    expect(await rig.port(late)).toBe(port);
    await allAnswer({ port }, [...instances, late]);
  });

  test('no line is lost, doubled or torn', async () => {
    const app = await rig.app(
      `let count = 0; process.on('message', () => { clearInterval(timer); console.log('last'); });
       const timer = setInterval(() => { for (let i = 0; i < 50; i++) console.log('line ' + count++); }, 1);`,
      FORK,
    );
    for (let times = 0; times < 3; times++) await rig.runner.upgrade();
    await rig.tell(app, 'enough');
    const lines = (await fileText(rig.runner.logOf(app), 'last\n')).trimEnd().split('\n');
    expect(lines.pop()).toBe('last');
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.filter((line, index) => line !== `line ${index}`)).toEqual([]);
  });

  test('half a line that was written before is whole afterwards, in the log and in the last lines', async () => {
    const { child, instance } = await rig.runner.launch();
    await child.write('stdout', 'before\nhalf');
    await rig.runner.upgrade();
    await child.write('stdout', ' and half\n');
    expect(await fileText(rig.runner.logOf(instance), 'and half\n')).toBe('before\nhalf and half\n');
    const { lines } = await rig.client.call({ kind: 'tail', nonce: instance.nonce }, 'tail');
    expect(lines.map(({ line }) => line)).toEqual(['before', 'half and half']);
  });

  test('a stop that is under way is not asked for twice, and keeps its grace', async () => {
    const app = await rig.app(
      `process.on('SIGTERM', () => { console.log('asked'); }); say('there'); ${STAY}`,
      FORK,
    );
    await rig.said(app);
    const spec = { nonce: app.nonce, signal: 'SIGTERM', tree: true, graceMs: 10_000 };
    await rig.client.call({ kind: 'stop', spec });
    await fileText(rig.runner.logOf(app), 'asked');
    await rig.runner.upgrade();
    expect(await rig.line(app, () => true)).toMatchObject({ state: 'stopping' });
    const { exit } = await rig.client.nextState(app.nonce, 'exited');
    expect(exit).toMatchObject({ requested: true, killed: true });
    expect(await fileText(rig.runner.logOf(app), 'asked')).toBe('asked\n');
  });

  test('exits that nobody has acknowledged are known as they were, with the last lines', async () => {
    const app = await rig.app(`console.log('why'); process.exit(7);`, FORK);
    await rig.client.nextState(app.nonce, 'exited');
    await rig.runner.upgrade();
    expect((await rig.line(app, () => true)).exit).toMatchObject({ code: 7 });
    const { lines } = await rig.client.call({ kind: 'tail', nonce: app.nonce }, 'tail');
    expect(lines).toEqual([{ stream: 'out', line: 'why' }]);
  });

  test('what has said that it is ready has, and what says so afterwards is heard', async () => {
    const [ready, later] = await Promise.all([
      rig.app(`process.send('ready'); ${STAY}`, FORK),
      rig.app(`process.on('message', () => process.send('ready')); ${STAY}`, FORK),
    ]);
    await rig.line(ready, (line) => line.ready);
    await rig.runner.upgrade();
    expect((await rig.line(ready, () => true)).ready).toBe(true);
    expect((await rig.line(later, () => true)).ready).toBe(false);
    await rig.tell(later, 'say it');
    await rig.line(later, (line) => line.ready);
  });

  test('an app that is frozen loses nothing', async () => {
    const app = await rig.app(`${ECHO} ${ANY_PORT}`);
    const port = await rig.port(app);
    process.kill(app.pid ?? 0, 'SIGSTOP');
    await rig.runner.upgrade();
    expect(await rig.line(app, () => true)).toMatchObject({
      connected: true,
      listening: [`127.0.0.1:${port}`],
    });
    const late = await rig.app(ANY_PORT, { slot: 1 });
    expect(await rig.port(late)).toBe(port);
    process.kill(app.pid ?? 0, 'SIGCONT');
    await rig.tell(app, 'awake');
    expect(await rig.said(app)).toMatchObject({ message: 'awake' });
  });

  test('the next one can be taken over from in its turn, and after it was killed too', async () => {
    const app = await rig.app(`${ECHO} ${ANY_PORT}`);
    const port = await rig.port(app);
    await rig.runner.upgrade();
    await rig.runner.upgrade();
    await rig.replaceRunner();
    await rig.cameBack(app);
    await rig.runner.upgrade();
    await rig.tell(app, 'after all that');
    expect(await rig.said(app)).toMatchObject({ message: 'after all that' });
    const late = await rig.app(ANY_PORT, { slot: 1 });
    expect(await rig.port(late)).toBe(port);
  });
});

describe('when the other runner does not come up', () => {
  const BROKEN: readonly (readonly [string, readonly [string, ...string[]], string])[] = [
    ['is missing', [process.execPath, '/nowhere/runner.cjs'], 'Cannot find module'],
    ['cannot be started', ['/nowhere/node'], 'cannot be started'],
    ['crashes at once', [process.execPath, '-e', 'throw new Error("damaged")', '--'], 'damaged'],
    ['ends without a word', [process.execPath, '-e', '0', '--'], 'it ended with code 0'],
    [
      'is older than this one',
      [
        process.execPath,
        '-e',
        `process.send({ kind: 'prepared', protocol: 0, version: '0', build: 'x' }); ${STAY}`,
        '--',
      ],
      'it speaks protocol 0',
    ],
    [
      'crashes when it is to take over',
      [
        process.execPath,
        '-e',
        `process.on('message', ({ kind }) => { if (kind === 'restore') process.send({ kind: 'restored' });
           if (kind === 'commit') throw new Error('cannot listen'); });
         process.send({ kind: 'prepared', protocol: 99, version: '99', build: 'x' });`,
        '--',
      ],
      'cannot listen',
    ],
    [
      'hangs when it is to take over',
      [
        process.execPath,
        '-e',
        `process.on('message', ({ kind }) => { if (kind === 'restore') process.send({ kind: 'restored' });
           if (kind === 'commit') for (;;); });
         process.send({ kind: 'prepared', protocol: 99, version: '99', build: 'x' });`,
        '--',
      ],
      'it has not said within 3 s that it is serving',
    ],
  ];

  test.each(BROKEN)(
    'because it %s, this one goes on with everything, and says why',
    async (_, command, why) => {
      const app = await rig.app(
        `${ECHO} let count = 0; setInterval(() => console.log('line ' + count++), 1); ${ANY_PORT}`,
      );
      const port = await rig.port(app);
      const pid = rig.client.runnerPid;
      await expect(rig.runner.upgrade(command)).rejects.toThrow(why);
      await rig.tell(app, 'still there');
      expect(await rig.said(app)).toMatchObject({ message: 'still there' });
      const late = await rig.app(ANY_PORT, { slot: 1 });
      expect(await rig.port(late)).toBe(port);
      const text = await fileText(rig.runner.logOf(app), 'line 20\n');
      const lines = text.slice(0, text.lastIndexOf('\n')).split('\n');
      expect(lines.filter((line, index) => line !== `line ${index}`)).toEqual([]);
      await rig.runner.reconnect();
      expect(rig.client.runnerPid).toBe(pid);
      await rig.stop(app);
      await rig.runner.upgrade();
    },
  );
});
