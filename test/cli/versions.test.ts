import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noteOnBuild, type ServedVersions } from '../../src/api/contract/version.ts';
import { buildCli } from './support/build.ts';
import type { BuiltCli } from './support/build.ts';
import { app } from './support/fixtures.ts';
import { createRoom } from './support/run.ts';
import type { Ran, Room } from './support/run.ts';

let cli: BuiltCli;

beforeAll(async () => {
  cli = await buildCli();
});

afterAll(() => cli[Symbol.asyncDispose]());

const COMMANDS: readonly (readonly string[])[] = [
  ['get'],
  ['get', '-o', 'yaml'],
  ['events'],
  ['logs'],
  ['stop', 'web', '--no-wait'],
];

async function against(serves: ServedVersions | null, use: (room: Room) => Promise<Ran>): Promise<Ran> {
  await using room = await createRoom(cli);
  await room.serve({ apps: [app('web')] }, serves);
  return await use(room);
}

describe.each(COMMANDS)('%s', (...argv) => {
  test.each<[string, ServedVersions | null]>([
    ['one version before', { oldest: 0, newest: 0 }],
    ['that says no version', null],
  ])('works with a daemon %s, and says once that it is older', async (_, serves) => {
    const { code, stderr } = await against(serves, (room) => room.run(argv));
    expect(code).toBe(0);
    expect(stderr.match(/the daemon is older than this command/g)).toHaveLength(1);
    expect(stderr).toContain('stateward daemon upgrade');
  });

  test('has nothing to say of a daemon of version 99 that serves it still', async () => {
    const { code, stderr } = await against({ oldest: 1, newest: 99 }, (room) => room.run(argv));
    expect(code).toBe(0);
    expect(stderr).not.toContain('daemon is');
  });

  test('reads nothing of a daemon of version 99 that does not serve it any more', async () => {
    const { code, stdout, stderr } = await against({ oldest: 99, newest: 99 }, (room) => room.run(argv));
    expect(code).toBe(69);
    expect(stdout).toBe('');
    expect(stderr).toContain('error[DAEMON_NEWER]: cannot talk to the daemon: it is newer than this command');
    expect(stderr).toContain('install the version');
  });
});

test('says with -o json that the daemon is too new, as one object', async () => {
  const { code, stdout } = await against({ oldest: 99, newest: 99 }, (room) =>
    room.run(['get', '-o', 'json']),
  );
  expect(code).toBe(69);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'DAEMON_NEWER' } });
});

test('doctor and version do not take a daemon that is too new for none', async () => {
  const serves = { oldest: 99, newest: 99 };
  const doctor = await against(serves, (room) => room.run(['doctor']));
  expect(doctor.stdout).toContain('it is newer than this command');
  const version = await against(serves, (room) => room.run(['version', '-o', 'json']));
  expect(JSON.parse(version.stdout)).toMatchObject({ error: { code: 'DAEMON_NEWER' } });
});

test.each<[string, string | undefined, string | null]>([
  ['is of this very build', '1.2.3 aaaaaaaaaaaa', null],
  [
    'is of another build of this version',
    '1.2.3 bbbbbbbbbbbb',
    'the daemon runs another build than this command',
  ],
  ['is older', '1.2.2 bbbbbbbbbbbb', 'the daemon is older than this command'],
  ['is older, as numbers count', '1.1.10 bbbbbbbbbbbb', 'the daemon is older than this command'],
  ['is newer', '1.10.0 bbbbbbbbbbbb', null],
  ['is too old to say', undefined, 'the daemon is older than this command'],
])('of a daemon that %s a command says what is so, and how it is upgraded', (_, header, note) => {
  const said = noteOnBuild(header, { version: '1.2.3', build: 'aaaaaaaaaaaa' });
  if (note === null) expect(said).toBeNull();
  else expect(said).toMatch(new RegExp(`^${note}: stateward daemon upgrade `));
});
