import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resolveUser } from '../../../src/runner/spawn/user.ts';
import { RunnerRig } from '../../support/runner/runner-rig.ts';
import { fileText } from '../../support/files.ts';

const root = { uid: 0, gid: 0 };
const somebody = { uid: 1_000_000, gid: 1_000_000 };

describe('who a process runs as', () => {
  test('as we do, when nothing else is asked for', async () => {
    expect(await resolveUser({ uid: null, gid: null }, somebody)).toBeNull();
    expect(await resolveUser({ uid: 0, gid: null }, root)).toBeNull();
    expect(await resolveUser({ uid: 'root', gid: 'root' }, root)).toBeNull();
  });

  test('names and numbers mean the same, and bring the group of the account', async () => {
    const byName = await resolveUser({ uid: 'daemon', gid: null }, root);
    expect(byName).toMatchObject({ uid: 1, gid: 1, account: { name: 'daemon' } });
    expect(await resolveUser({ uid: 1, gid: null }, root)).toEqual(byName);
    expect(await resolveUser({ uid: '1', gid: '1' }, root)).toEqual(byName);
  });

  test('only root may choose', async () => {
    await expect(resolveUser({ uid: 'daemon', gid: null }, somebody)).rejects.toThrow('only root');
    await expect(resolveUser({ uid: null, gid: 1 }, somebody)).rejects.toThrow('only root');
  });

  test('what nobody knows is refused', async () => {
    await expect(resolveUser({ uid: 'no-such-user', gid: null }, root)).rejects.toThrow('"no-such-user"');
    await expect(resolveUser({ uid: 'daemon', gid: 'no-such-group' }, root)).rejects.toThrow(
      '"no-such-group"',
    );
    await expect(resolveUser({ uid: 987_654, gid: null }, root)).rejects.toThrow('name a gid too');
  });
});

describe.runIf(process.getuid?.() === 0)('a process of another user', () => {
  let rig: RunnerRig;
  beforeEach(async () => {
    rig = await RunnerRig.start({ env: { HOME: '/root', USER: 'root', LOGNAME: 'root' } });
  });
  afterEach(() => rig.close());

  test('has its ids, its groups, its home, and may open its own output', async () => {
    const report =
      'id -u; id -g; echo $HOME $USER; grep Groups /proc/self/status; echo again > /dev/stdout; sleep 100';
    const env = { HOME: '/root', USER: 'root', LOGNAME: 'mine' };
    const spec = rig.spec({ file: 'sh', args: ['-c', report], uid: 'daemon', cwd: '/', env });
    const instance = await rig.client.spawn(spec);
    const text = await fileText(rig.logOf(spec), 'again\n');
    const passwd = await readFile('/etc/passwd', 'utf8');
    const home = /^daemon:[^:]*:1:1:[^:]*:([^:]*)/m.exec(passwd)?.[1] ?? '';
    expect(text).toBe(`1\n1\n${home} daemon\nGroups:\t1 \nagain\n`);
    expect(await readFile(`/proc/${instance.pid}/environ`, 'latin1')).toContain('LOGNAME=mine');
    await rig.client.call({
      kind: 'stop',
      spec: { nonce: spec.nonce, signal: 'SIGTERM', tree: true, graceMs: 5_000 },
    });
    await rig.client.nextState(spec.nonce, 'exited');
  });

  test('that has no account runs with the numbers and no further groups', async () => {
    const spec = rig.spec({ file: 'id', uid: 987_654, gid: 987_655, cwd: '/' });
    await rig.client.spawn(spec);
    expect(await fileText(rig.logOf(spec), '\n')).toBe('uid=987654 gid=987655 groups=987655\n');
    await rig.client.nextState(spec.nonce, 'exited');
  });

  test('whose program is missing has failed to start', async () => {
    const instance = await rig.client.spawn(rig.spec({ file: 'no-such-program', uid: 'daemon', cwd: '/' }));
    expect(instance.exit?.error).toContain('spawn: ENOENT: cannot run "no-such-program"');
  });
});
