import { describe, expect, it } from 'vitest';
import { isStartedAtBoot } from '../../src/boot/started-at-boot.ts';
import type { InitSystem } from '../../src/boot/init-system.ts';
import { bootPlan } from '../../src/boot/boot-plan.ts';
import { INIT_SYSTEMS } from '../../src/boot/init-system.ts';

const HOME = '/home/ann/.stateward';
const login = { uid: 0, homeDir: '/home/ann', env: {} };

function started(text: string, init: InitSystem = 'systemd'): boolean {
  return isStartedAtBoot(HOME, init, login, () => ['[Unit]\nDescription=ssh\n', text]);
}

describe('whether a home is started at boot', () => {
  it.each(INIT_SYSTEMS)('sees what startup writes for %s', (init) => {
    const service = {
      ...{ name: 'stateward-ann', scope: 'host' as const, user: 'ann', home: HOME },
      command: ['/usr/bin/node', '/usr/lib/stateward/dist/bin.cjs', 'daemon', 'run'],
      env: { PATH: '/usr/bin', STATEWARD_HOME: HOME },
    };
    const plan = bootPlan(service, init, login);
    expect(plan.ok && started(plan.value.file.text, init)).toBe(true);
  });

  it('sees a service that somebody else wrote, of this home or of none that is named', () => {
    expect(started('[Service]\nExecStart=stateward daemon run\n')).toBe(true);
    expect(started(`[Service]\nExecStart=stateward daemon run --home ${HOME}\n`)).toBe(true);
  });

  it('is not misled by services of other homes and other programs', () => {
    expect(
      started('[Service]\nEnvironment=STATEWARD_HOME=/srv/other\nExecStart=stateward daemon run\n'),
    ).toBe(false);
    expect(started('[Service]\nExecStart=/usr/sbin/sshd\n')).toBe(false);
  });

  it('is not, where the folders of the init system are not there', () => {
    const nowhere = { uid: 1000, homeDir: '/nowhere', env: {} };
    expect(isStartedAtBoot('/nowhere/.stateward', 'openrc', nowhere)).toBe(false);
  });
});
