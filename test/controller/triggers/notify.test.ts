import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { WhyDocument } from '../../../src/api/contract/wire/why.ts';
import { eventually } from '../../support/eventually.ts';
import { Host } from '../../support/host.ts';

const SENDER = String.raw`use Socket; $| = 1; socket(my $s, PF_UNIX, SOCK_DGRAM, 0);
send($s, $_, 0, pack_sockaddr_un($ENV{NOTIFY_SOCKET})) for split /;/, $ENV{SAYS}; sleep 1000;`;
const hasPerl = spawnSync('perl', ['-v']).status === 0;

describe.runIf(hasPerl && process.platform === 'linux')('an app that says itself how it is', () => {
  it('fails its rollout when it never says that it is ready, and is shown with what it says', async () => {
    await using host = new Host();
    host.write('app.pl', SENDER);
    const declare = (SAYS: string): void =>
      host.declare({
        ...{ name: 'a', script: './app.pl', interpreter: 'perl', notify: true, listen_timeout: '1s' },
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
    expect(ran.text).toContain('slot 0 was not ready within 1s: has not said READY=1 (sd_notify)');
    expect((await host.apps()).items[0]?.status.health).toBe('Healthy');

    declare('EXTEND_TIMEOUT_USEC=600000000;STATUS=still loading');
    expect((await host.run(['apply', '--timeout', '1s'])).code).toBe(4);
    expect((await host.ok('why', 'a')).stdout).toMatch(
      /not ready for .*, deadline in 9m.*: has not said READY=1/,
    );
    expect((await host.ok('describe', 'a')).stdout).toContain('slot 0: still loading');
  });

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
