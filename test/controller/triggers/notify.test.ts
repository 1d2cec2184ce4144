import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { WhyDocument } from '../../../src/api/contract/wire/why.ts';
import { eventually } from '../../support/eventually.ts';
import { Host, isAlive } from '../../support/host.ts';

const SENDER = String.raw`use Socket; $| = 1; socket(my $s, PF_UNIX, SOCK_DGRAM, 0);
send($s, $_, 0, pack_sockaddr_un($ENV{NOTIFY_SOCKET})) for split /;/, $ENV{SAYS}; sleep 1000;`;
const hasPerl = spawnSync('perl', ['-v']).status === 0;
/** Programs that can hear apps are no programs there. */
const WITHOUT_HELPERS = [
  ...['unshare', '-m', 'sh', '-c'],
  'for one in perl python3; do [ ! -e /usr/bin/$one ] || mount --bind /dev/null /usr/bin/$one; done; exec "$@"',
  '-',
];
/** It takes root, and rights that most containers do not give. */
const mayHide =
  existsSync('/usr/bin/perl') && spawnSync('unshare', [...WITHOUT_HELPERS.slice(1), 'true']).status === 0;

describe.runIf(hasPerl && process.platform === 'linux')('an app that says itself how it is', () => {
  it('fails its rollout when it never says that it is ready, and is shown with what it says', async () => {
    await using host = new Host();
    host.write('app.pl', SENDER);
    const declare = (SAYS: string): void =>
      host.declare({
        ...{ name: 'a', script: './app.pl', interpreter: 'perl', notify: true, listen_timeout: '10s' },
        env: { SAYS },
      });
    declare('STATUS=serves 3;READY=1');
    await host.ok('apply');
    const wide = await host.ok('get', '-o', 'wide');
    expect(wide.stdout).toMatch(/ SAYS\n.* serves 3\n$/);
    expect((await host.ok('why', 'a')).stdout).toContain('slot 0 says: serves 3');
    const { says } = JSON.parse((await host.ok('why', 'a', '-o', 'json')).stdout) as WhyDocument;
    expect(says).toEqual([{ slot: 0, says: 'serves 3' }]);

    declare('STATUS=loading');
    const ran = await host.run(['apply']);
    expect(ran.code).toBe(3);
    expect(ran.text).toContain('slot 0 was not ready within 10s: has not said READY=1 (sd_notify)');
    expect((await host.apps()).items[0]?.status.health).toBe('Healthy');

    declare('EXTEND_TIMEOUT_USEC=570000000;STATUS=still loading');
    expect((await host.run(['apply', '--timeout', '1s'])).code).toBe(4);
    expect((await host.ok('why', 'a')).stdout).toMatch(
      /not ready for .*, deadline in 9m.*: has not said READY=1/,
    );
    expect((await host.ok('describe', 'a')).stdout).toContain('slot 0: still loading');
  });

  it.runIf(mayHide)(
    'says where nobody can hear it, runs on, and is heard as soon as that is mended',
    async () => {
      await using host = new Host();
      host.write(
        'app.pl',
        SENDER.replace(
          'sleep 1000',
          'while (1) { sleep 1; send($s, "STATUS=" . ++$n, 0, pack_sockaddr_un($ENV{NOTIFY_SOCKET})) }',
        ),
      );
      copyFileSync('/usr/bin/perl', join(host.folder, 'own-perl'));
      chmodSync(join(host.folder, 'own-perl'), 0o755);
      const app = { script: './app.pl', interpreter: './own-perl', notify: true, rollout: { max_surge: 1 } };
      host.declare({ name: 'a', ...app, env: { SAYS: 'READY=1' } });
      await host.ok('apply');
      const { a: [pid = 0] = [] } = await host.pids();
      const { runner, controller } = await host.daemon();
      const killed = [controller?.pid ?? 0, runner?.pid ?? 0];
      for (const one of killed) process.kill(one, 'SIGKILL');
      await eventually(() => !killed.some(isAlive));
      expect((await host.run(['daemon', 'start'], { within: WITHOUT_HELPERS })).code).toBe(0);
      await eventually(async () => (await host.ok('get')).stdout.includes('! a: '));
      const told = (await host.apps()).items[0]?.status.conditions.find(({ type }) => type === 'Heard');
      expect(told).toMatchObject({ status: 'False', reason: 'NotifyUnheard' });
      expect(told?.message).toContain('install perl-base or python3');
      expect((await host.ok('why', 'a')).stdout).toContain('install perl-base or python3');
      const doctor = (await host.run(['doctor'], { within: WITHOUT_HELPERS })).stdout;
      expect(doctor).toMatch(/fail +programs +shop\/a cannot have notify: not found: perl or python3/);
      // A new process is not started where nobody would hear that it is ready.
      host.declare({ name: 'a', ...app, env: { SAYS: 'READY=1', NEW: '1' } });
      const ran = await host.run(['apply']);
      expect(ran.code).toBe(3);
      expect(ran.text).toContain('could not be started: notify: perl or python3 is needed');
      expect(await host.pids()).toMatchObject({ a: [pid] });
      const { runner: now } = await host.daemon();
      execFileSync('nsenter', ['-t', String(now?.pid), '-m', 'umount', '/usr/bin/perl']);
      await eventually(async () => !(await host.ok('get')).stdout.includes('! a: '));
      await eventually(async () => /slot 0 says: \d+/.test((await host.ok('why', 'a')).stdout));
      expect(await host.pids()).toMatchObject({ a: [pid] });
    },
    60_000,
  );

  it('shows that it is stopping for as long as it takes', async () => {
    await using host = new Host();
    host.write(
      'app.pl',
      `$SIG{INT} = sub { $ENV{SAYS} = 'STOPPING=1;STATUS=3 left'; }; ${SENDER} ${SENDER.replace('use Socket;', '')}`,
    );
    const app = { name: 'a', script: './app.pl', interpreter: 'perl', notify: true, kill_timeout: '20s' };
    host.declare({ ...app, env: { SAYS: 'READY=1' } });
    await host.ok('apply');
    const stopped = host.run(['stop', 'a']);
    await eventually(async () =>
      (await host.ok('describe', 'a')).stdout.includes('slot 0: stopping: 3 left'),
    );
    const { a: [pid] = [] } = await host.pids();
    process.kill(pid ?? 0, 'SIGKILL');
    expect((await stopped).code).toBe(0);
  });
});
