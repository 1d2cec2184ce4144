import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { bootPlan } from '../../src/boot/boot-plan.ts';
import { isAsWritten } from '../../src/boot/edited.ts';
import { detectInitSystem, type InitSystem } from '../../src/boot/init-system.ts';
import { resolveService, type BootHost, type BootRequest } from '../../src/boot/resolve-service.ts';
import type { BootPlan, BootService } from '../../src/boot/service.ts';

const ODD_HOME = '/srv/a b/100%/"q" $X';
const LOGIN = { uid: 1001, homeDir: '/home/deploy', env: {} };

function host(over: Partial<BootHost> = {}): BootHost {
  return {
    uid: 0,
    userName: 'root',
    homeDirOf: (user) => (user === 'root' ? '/root' : user === 'deploy' ? '/home/deploy' : null),
    cli: ['/usr/bin/node', '/usr/lib/node_modules/stateward/dist/bin.cjs'],
    path: '/usr/local/bin:/usr/bin:/bin',
    ...over,
  };
}

const DEPLOY = host({ uid: 1001, userName: 'deploy' });

function service(request: Partial<BootRequest> = {}, at = host()): BootService {
  const resolved = resolveService({ verb: 'startup', system: false, ...request }, at);
  if (!resolved.ok) throw new Error(resolved.error.message);
  return resolved.value;
}

function planned(init: InitSystem, of: BootService): BootPlan {
  const plan = bootPlan(of, init, LOGIN);
  if (!plan.ok) throw new Error(plan.error.message);
  return plan.value;
}

describe('the service that startup makes', () => {
  it('is the host’s for root, a user’s own for anybody else, and a user’s with the host where root asks', () => {
    expect(service()).toMatchObject({
      name: 'stateward',
      scope: 'host',
      user: 'root',
      home: '/root/.stateward',
    });
    expect(service({}, DEPLOY)).toMatchObject({ name: 'stateward', scope: 'login', user: 'deploy' });
    expect(service({ user: 'deploy' })).toMatchObject({
      name: 'stateward-deploy',
      scope: 'host',
      user: 'deploy',
      home: '/home/deploy/.stateward',
    });
  });

  it('has a name of its own for a home of its own', () => {
    expect(service({ home: '/srv/second' }).name).toBe('stateward-second');
    expect(service({ home: '/srv/.hidden home' }).name).toBe('stateward-hidden-home');
    expect(service({ name: 'shop' }).name).toBe('shop');
  });

  it.each([
    [{ user: 'nobody-here' }, host(), 'NOT_FOUND', 'there is no user nobody-here on this host'],
    [{ name: 'a/b' }, host(), 'USAGE', 'a service cannot be called "a/b"'],
    [{ home: '/srv/a\nb' }, host(), 'USAGE', '"/srv/a\\nb" cannot stand in the file of a service'],
  ])('is refused in words: %j', (request, at, code, message) => {
    const resolved = resolveService({ verb: 'startup', system: false, ...request }, at);
    expect(resolved).toMatchObject({ ok: false, error: { code, message } });
  });

  it('tells an ordinary user the command that root has to run', () => {
    const resolved = resolveService({ verb: 'startup', system: false, user: 'deploy' }, DEPLOY);
    expect(resolved).toMatchObject({
      ok: false,
      error: {
        code: 'PERMISSION',
        hint:
          'sudo env "PATH=$PATH" /usr/bin/node /usr/lib/node_modules/stateward/dist/bin.cjs startup --user deploy; ' +
          'without options, startup is about one of your own, without root',
      },
    });
  });

  it.each(['startup', 'unstartup'] as const)('the command that root has to run is that of %s', (verb) => {
    const resolved = resolveService({ verb, system: true }, DEPLOY);
    expect(resolved.ok ? '' : resolved.error.hint).toContain(`bin.cjs ${verb} --system`);
  });
});

describe('the file of a service', () => {
  it.each([
    ['systemd-root.service', 'systemd', service()],
    ['systemd-user.service', 'systemd', service({ user: 'deploy' })],
    ['systemd-login.service', 'systemd', service({}, DEPLOY)],
    ['systemd-odd.service', 'systemd', service({ home: ODD_HOME, name: 'odd' })],
    ['openrc-user', 'openrc', service({ user: 'deploy' })],
    ['openrc-odd', 'openrc', service({ home: ODD_HOME, name: 'odd' })],
    ['launchd-root.plist', 'launchd', service()],
    ['launchd-login.plist', 'launchd', service({ home: '/Users/a & b/<home>', name: 'odd' }, DEPLOY)],
  ] as const)('%s', async (golden, init, of) => {
    const { file } = planned(init, of);
    await expect(file.text).toMatchFileSnapshot(`golden/${golden}`);
    expect(isAsWritten(file.text)).toBe(true);
  });

  it.each(['systemd', 'openrc', 'launchd'] as const)('of %s shows when it was edited', (init) => {
    const { text } = planned(init, service()).file;
    expect(isAsWritten(text.replace('.stateward', '.elsewhere'))).toBe(false);
    expect(isAsWritten(`${text}\n`)).toBe(false);
    expect(isAsWritten('')).toBe(false);
  });

  it.each([service({ user: 'deploy' }), service({}, DEPLOY)])(
    'of systemd keeps no app of an ordinary user from sudo: nothing in it implies NoNewPrivileges',
    (of) => {
      // As systemd.exec(5) lists them.
      const implying =
        /^(?:NoNewPrivileges|LockPersonality|MemoryDenyWriteExecute|Private\w+|Protect\w+|Restrict\w+|SystemCall\w+|DynamicUser)=/m;
      expect(planned('systemd', of).file.text).not.toMatch(implying);
    },
  );

  it('goes where the init system looks for it', () => {
    expect(planned('systemd', service()).file.path).toBe('/etc/systemd/system/stateward.service');
    expect(planned('systemd', service({}, DEPLOY)).file.path).toBe(
      '/home/deploy/.config/systemd/user/stateward.service',
    );
    expect(planned('openrc', service()).file).toMatchObject({ path: '/etc/init.d/stateward', mode: 0o755 });
    expect(planned('launchd', service()).file.path).toBe('/Library/LaunchDaemons/dev.stateward.plist');
    expect(planned('launchd', service({}, DEPLOY)).file.path).toBe(
      '/home/deploy/Library/LaunchAgents/dev.stateward.plist',
    );
  });

  it('is none of a user’s own with OpenRC', () => {
    expect(bootPlan(service({}, DEPLOY), 'openrc', LOGIN)).toMatchObject({
      ok: false,
      error: { hint: 'as root: stateward startup --user deploy' },
    });
  });
});

describe('the real tools', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  function write(name: string, text: string): string {
    const folder = mkdtempSync(join(tmpdir(), 'stw-boot-'));
    folders.push(folder);
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }

  const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
  it.skipIf(!hasSystemd)('systemd has nothing to say against a unit (needs systemd-analyze)', () => {
    const cli = [process.execPath, join(process.cwd(), 'dist/bin.cjs')];
    for (const of of [service({}, host({ cli })), service({ home: ODD_HOME, name: 'odd' }, host({ cli }))]) {
      const path = write(`${of.name}.service`, planned('systemd', of).file.text);
      const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path], {
        encoding: 'utf8',
      });
      expect({ status, output: `${stdout}${stderr}`.trim() }).toEqual({ status: 0, output: '' });
    }
  });

  it('a shell reads the script of OpenRC and finds the home as it is', () => {
    const { text } = planned('openrc', service({ home: ODD_HOME })).file;
    const path = write(
      'script',
      `${text}\neval "set -- $command_args"\nprintf '%s\\n' "$STATEWARD_HOME" "$@"\n`,
    );
    const said = execFileSync('sh', [path], { encoding: 'utf8' }).split('\n');
    expect(said).toEqual([
      ODD_HOME,
      '/usr/lib/node_modules/stateward/dist/bin.cjs',
      'daemon',
      'run',
      '--replace',
      '--stop-apps',
      '',
    ]);
  });
});

describe('the init system', () => {
  it.each([
    ['darwin', [], 'launchd'],
    ['linux', ['/run/systemd/system'], 'systemd'],
    ['linux', ['/run/openrc/softlevel'], 'openrc'],
    ['linux', [], null],
  ] as const)('on %s with %j is %s', (platform, paths: readonly string[], expected) => {
    expect(detectInitSystem(platform, (path) => paths.includes(path))).toBe(expected);
  });
});
