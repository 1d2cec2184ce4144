import { describe, expect, test } from 'vitest';
import type { App } from '../../../src/api/contract/wire/apps.ts';
import type { Finding } from '../../../src/cli/doctor/check.ts';
import { CHECKS, examine } from '../../../src/cli/doctor/doctor.ts';
import type { DoctorFacts } from '../../../src/cli/doctor/facts.ts';
import type { FileStat, Host, Space } from '../../../src/cli/doctor/host.ts';
import { systemdPlan, SYSTEM_UNITS } from '../../../src/boot/systemd.ts';
import { homeLayout } from '../../../src/home/layout.ts';
import { err, ok } from '../../../src/lib/result.ts';

const HOME = '/no/such/home';
const NOW = Date.UTC(2026, 10, 29);
const GB = 1024 ** 3;

interface FakeHost {
  /** Files by path, and folders as lists of names. */
  readonly files?: Readonly<Record<string, string | readonly string[]>>;
  readonly links?: Readonly<Record<string, string>>;
  readonly space?: Partial<Space>;
  readonly readOnly?: Readonly<Record<string, string>>;
  readonly programs?: readonly string[];
  readonly changedAt?: number;
  readonly modes?: Readonly<Record<string, number>>;
}

function fakeHost({ files = {}, links = {}, space = {}, readOnly = {}, ...rest }: FakeHost = {}): Host {
  const folders = ['/', '/tmp', ...Object.keys(files).filter((path) => typeof files[path] !== 'string')];
  return {
    read: (path) => (typeof files[path] === 'string' ? files[path] : null),
    list: (path) => (Array.isArray(files[path]) ? (files[path] as readonly string[]) : null),
    link: (path) => links[path] ?? null,
    stat: (path): FileStat | null => {
      const isFolder = folders.includes(path);
      if (!isFolder && files[path] === undefined) return null;
      return {
        isFolder,
        bytes: 10,
        changedAt: rest.changedAt ?? 0,
        mode: rest.modes?.[path] ?? 0o600,
        uid: 1000,
      };
    },
    space: () => ({ freeBytes: 10 * GB, freeFiles: 1e6, files: 2e6, type: 0xef53, ...space }),
    whyReadOnly: (path) => readOnly[path] ?? null,
    isExecutable: (path) => (rest.programs ?? ['/bin/flock', '/bin/mkfifo']).includes(path),
  };
}

const ANSWER = {
  controller: { pid: 10, version: '1.0.0', uptimeMs: 60_000 },
  runner: { pid: 11, version: '1.0.0', epoch: 'e' },
  home: HOME,
  socket: `${HOME}/run/api.sock`,
  apps: { count: 1, processes: 1 },
};

const UNREACHED = {
  name: 'ops',
  since: '2026-11-29T00:00:00Z',
  message: 'nobody there',
  hint: 'stateward notify test ops',
};

const UNWRITTEN = {
  since: '2026-11-29T00:00:00Z',
  file: 'state/shop.json',
  hint: 'free some space',
  reason: 'no space left on device',
  apps: [],
};

const AT = { file: `${HOME}/config.yaml`, line: 1, column: 4 };
const BAD = { code: 'CONFIG_UNKNOWN_KEY', message: 'a: unknown key', position: AT } as const;
const BROKEN = { ok: false, failures: [BAD, BAD] } as const;
const TROUBLE = { broken: [BAD], unfollowed: [] };

function facts(fields: Partial<DoctorFacts> = {}): DoctorFacts {
  return {
    paths: homeLayout(HOME),
    realHome: HOME,
    env: { PATH: '/bin', HOME: '/root' },
    searchPath: ['/bin'],
    uid: 1000,
    version: '1.0.0',
    node: '22.1.0',
    program: '/dist/daemon.cjs',
    now: NOW,
    status: ok(ANSWER),
    offline: null,
    settings: null,
    apps: [],
    holders: { controller: 10, runner: 11 },
    whyHeldUp: () => null,
    service: null,
    host: fakeHost(),
    ...fields,
  };
}

function found(name: string, given: DoctorFacts): Finding {
  const check = CHECKS.find((one) => one.name === name);
  if (check === undefined) throw new Error(`no check ${name}`);
  return check.run(given);
}

const LISTENING = {
  ...{ listen: '127.0.0.1:9615', address: '127.0.0.1:9615', url: 'http://127.0.0.1:9615' },
  ...{ certificateUntil: null, problems: [] },
};
const UNHEARD = {
  reason: 'HttpUnheard',
  since: '2026-01-01T00:00:00.000Z',
  message: 'the port is taken',
  hint: 'choose another',
} as const;

const gone = err({ code: 'DAEMON_UNREACHABLE', message: 'none runs' } as const);
const silent = err({ code: 'DAEMON_SILENT', message: 'silent', hint: 'wake it' } as const);

function app(fields: { spec?: object; status?: object } = {}): App {
  return {
    project: 'shop',
    name: 'web',
    spec: { env: {}, limits: null, increment_var: null, ...fields.spec },
    status: { instances: [], readyInstances: 0, ...fields.status },
  } as unknown as App;
}

const lost = (type: string, message: string): App =>
  app({ spec: { limits: { memory: 1 } }, status: { problems: [{ type, message }] } });

/** A process of /proc. */
function proc(
  pid: number,
  fields: { state?: string; parent?: number; environ?: string; fds?: string[] } = {},
) {
  return {
    [`/proc/${pid}/stat`]: `${pid} (app ) x) ${fields.state ?? 'S'} ${fields.parent ?? 1} 0`,
    ...(fields.environ !== undefined && { [`/proc/${pid}/environ`]: fields.environ }),
    ...(fields.fds !== undefined && { [`/proc/${pid}/fd`]: fields.fds }),
  };
}

const environ = (nonce: string, home: string): string =>
  [
    `STATEWARD_INSTANCE=${nonce}`,
    'STATEWARD_PROJECT=shop',
    'STATEWARD_APP=web',
    'STATEWARD_SLOT=0',
    `STATEWARD_MARK=sig:{"home":"${home}"}`,
  ].join('\0');

const openFiles = (limit: number): string => `Max open files            ${limit}      ${limit}     files\n`;
const files = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index));

const PROC = { '/proc': [] };
const PROGRAMS = ['perl', 'python3', 'setpriv', 'nice', 'ionice', 'prlimit', 'taskset', 'sh'].map(
  (name) => `/usr/bin/${name}`,
);
const NO_PERL = PROGRAMS.filter((name) => !name.endsWith('perl'));

const UNIT = `${SYSTEM_UNITS}/stateward.service`;
const SERVICE = {
  name: 'stateward',
  scope: 'host' as const,
  user: 'ann',
  home: HOME,
  command: ['/bin/flock', '/dist/bin.cjs', 'daemon', 'run'],
  env: { PATH: '/bin', STATEWARD_HOME: HOME },
};
const UNIT_TEXT = systemdPlan(SERVICE, SYSTEM_UNITS).file.text;

function booted(unit: string | null, more: Readonly<Record<string, string>> = {}): Partial<DoctorFacts> {
  const files = {
    '/run/systemd/system': [],
    '/bin/flock': '',
    '/dist/bin.cjs': '',
    ...(unit !== null && { [SYSTEM_UNITS]: ['stateward.service'], [UNIT]: unit }),
    ...more,
  };
  return { host: fakeHost({ files }), service: SERVICE };
}

const ENABLED = { [`${SYSTEM_UNITS}/multi-user.target.wants/stateward.service`]: '' };

type Row = readonly [name: string, level: Finding['level'], when: string, facts: Partial<DoctorFacts>];

const SECRET_KEY = homeLayout(HOME).secretKey;
const reading = (source: object, status: object = {}): Pick<DoctorFacts, 'apps'> => ({
  apps: [app({ spec: { env_from: { DB: source } }, status })],
});
const BY_FILE = reading({ from_file: '/etc/db' });

const SECRET_ROWS: readonly Row[] = [
  ...['secrets', 'secret files', 'secret key'].map((name): Row => [
    name,
    'skip',
    'no app reads any',
    { apps: [app()] },
  ]),
  ['secrets', 'ok', 'all are there', BY_FILE],
  [
    'secrets',
    'fail',
    'the daemon cannot read one',
    reading(
      { from_file: '/etc/db' },
      { problems: [{ reason: 'SecretUnresolved', message: 'DB: there is no file' }] },
    ),
  ],
  ['secrets', 'fail', 'there is no sops', reading({ from_sops: '/etc/s.yaml' })],
  ['secrets', 'fail', 'there is no such program', reading({ from_exec: ['/opt/vault', 'kv'] })],
  [
    'secrets',
    'ok',
    'the program is on PATH',
    { ...reading({ from_sops: '/etc/s.yaml' }), host: fakeHost({ programs: ['/bin/sops'] }) },
  ],
  ['secret files', 'ok', 'they are closed', { ...BY_FILE, host: fakeHost({ files: { '/etc/db': '' } }) }],
  [
    'secret files',
    'warn',
    'every user can read one',
    { ...BY_FILE, host: fakeHost({ files: { '/etc/db': '' }, modes: { '/etc/db': 0o644 } }) },
  ],
  ['secret key', 'warn', 'it is not there', BY_FILE],
  ['secret key', 'ok', 'it is closed', { ...BY_FILE, host: fakeHost({ files: { [SECRET_KEY]: '' } }) }],
  [
    'secret key',
    'fail',
    'others can read it',
    { ...BY_FILE, host: fakeHost({ files: { [SECRET_KEY]: '' }, modes: { [SECRET_KEY]: 0o640 } }) },
  ],
];

const ROWS: readonly Row[] = [
  ['node', 'ok', 'it is new enough', {}],
  ['node', 'fail', 'it is too old', { node: '20.18.9' }],
  ['daemon', 'ok', 'it answers', {}],
  ['daemon', 'warn', 'none runs', { status: gone, holders: { controller: null, runner: null } }],
  ['daemon', 'fail', 'its process is there and its socket is not', { status: gone }],
  ['daemon', 'fail', 'it is silent', { status: silent }],
  ['daemon version', 'ok', 'it is ours', {}],
  ['daemon version', 'warn', 'it is another', { version: '2.0.0' }],
  ['daemon version', 'skip', 'nobody says it', { status: silent }],
  ['runner', 'ok', 'it answers', {}],
  ['runner', 'fail', 'it was stopped', { whyHeldUp: (pid) => (pid === 11 ? 'it is stopped' : null) }],
  ['runner', 'ok', 'it is only busy', { whyHeldUp: () => 'it is busy' }],
  [
    'runner',
    'fail',
    'the daemon says that it is silent',
    { status: ok({ ...ANSWER, problem: { code: 'RUNNER_SILENT', message: 'm', hint: 'h' } }) },
  ],
  [
    'runner',
    'fail',
    'there is none',
    { status: ok({ ...ANSWER, runner: null }), holders: { controller: 10, runner: null } },
  ],
  [
    'runner version',
    'warn',
    'it is older',
    { status: ok({ ...ANSWER, runner: { ...ANSWER.runner, version: '0.9' } }) },
  ],
  ['build', 'ok', 'nothing was installed since', { host: fakeHost({ files: { '/dist/daemon.cjs': '' } }) }],
  [
    'build',
    'warn',
    'it was installed again',
    { host: fakeHost({ files: { '/dist/daemon.cjs': '' }, changedAt: NOW - 1_000 }) },
  ],
  [
    'build',
    'warn',
    'its Node is gone',
    { host: fakeHost({ links: { '/proc/11/exe': '/usr/bin/node (deleted)' } }) },
  ],
  ['build', 'skip', 'nobody runs', { status: gone, holders: { controller: null, runner: null } }],
  ['locks', 'ok', 'who answers holds them', {}],
  ['locks', 'fail', 'somebody else holds one', { holders: { controller: 99, runner: 11 } }],
  ['locks', 'warn', 'who holds one has ended', { host: fakeHost({ files: proc(11, { state: 'Z' }) }) }],
  ['receivers', 'ok', 'everybody is reached', {}],
  ['receivers', 'warn', 'one is not reached', { status: ok({ ...ANSWER, receivers: [UNREACHED] }) }],
  ['receivers', 'skip', 'nobody can be asked', { status: gone }],
  ['listener', 'skip', 'nothing is to be listened at', {}],
  ['listener', 'ok', 'it listens', { status: ok({ ...ANSWER, http: LISTENING }) }],
  [
    'listener',
    'warn',
    'the address before is kept',
    { status: ok({ ...ANSWER, http: { ...LISTENING, problems: [UNHEARD] } }) },
  ],
  [
    'listener',
    'fail',
    'nothing listens',
    { status: ok({ ...ANSWER, http: { ...LISTENING, address: null, problems: [UNHEARD] } }) },
  ],
  ['settings', 'ok', 'none are set', {}],
  [
    'settings',
    'ok',
    'they can be read',
    { settings: { ok: true, values: { 'limits.builds': 2 }, places: {} } },
  ],
  ['settings', 'fail', 'they cannot, and nobody runs', { status: gone, settings: BROKEN }],
  ['settings', 'fail', 'the daemon goes by older ones', { status: ok({ ...ANSWER, settings: TROUBLE }) }],
  [
    'settings',
    'warn',
    'the file has another name',
    { host: fakeHost({ files: { [`${HOME}/config.yml`]: '' } }) },
  ],
  ['file system', 'ok', 'it is local', {}],
  ['file system', 'warn', 'it is on the network', { host: fakeHost({ space: { type: 0x6969 } }) }],
  ['file system', 'fail', 'it is read-only', { host: fakeHost({ readOnly: { '/': 'EROFS' } }) }],
  ['disk', 'ok', 'there is room', {}],
  ['disk', 'warn', 'there is little room', { host: fakeHost({ space: { freeBytes: 1e8 } }) }],
  ['disk', 'fail', 'there is none', { host: fakeHost({ space: { freeBytes: 0 } }) }],
  ['inodes', 'ok', 'there are some', {}],
  ['inodes', 'warn', 'there are few', { host: fakeHost({ space: { freeFiles: 500 } }) }],
  ['inodes', 'fail', 'there are none', { host: fakeHost({ space: { freeFiles: 0 } }) }],
  [
    'inodes',
    'skip',
    'the file system makes them as it needs them',
    { host: fakeHost({ space: { files: 0 } }) },
  ],
  ['state', 'ok', 'it can be read', { host: fakeHost({ files: { [`${HOME}/state`]: [] } }) }],
  [
    'state',
    'warn',
    'a file was set aside',
    {
      host: fakeHost({
        files: { [`${HOME}/state`]: ['a.json.corrupt-2026'], [`${HOME}/state/a.json.corrupt-2026`]: '' },
      }),
    },
  ],
  [
    'state',
    'fail',
    'it cannot be written',
    { host: fakeHost({ files: { [`${HOME}/state`]: [] }, readOnly: { [`${HOME}/state`]: 'EACCES' } }) },
  ],
  [
    'state',
    'fail',
    'it cannot be read',
    { status: err({ code: 'STATE_UNREADABLE', message: 'm', hint: 'h' }) },
  ],
  ['state', 'fail', 'a change waits for the disk', { status: ok({ ...ANSWER, unwritten: UNWRITTEN }) }],
  ['state', 'skip', 'there is none', {}],
  [
    'logs',
    'ok',
    'there is room for more',
    { host: fakeHost({ files: { [`${HOME}/logs`]: ['a'], [`${HOME}/logs/a`]: 'x' } }) },
  ],
  [
    'logs',
    'warn',
    'there is less room than they take',
    {
      host: fakeHost({
        files: { [`${HOME}/logs`]: ['a'], [`${HOME}/logs/a`]: 'x' },
        space: { freeBytes: 5 },
      }),
    },
  ],
  [
    'logs',
    'fail',
    'they cannot be written',
    { host: fakeHost({ files: { [`${HOME}/logs`]: [] }, readOnly: { [`${HOME}/logs`]: 'EACCES' } }) },
  ],
  ['temp', 'ok', 'it can be written', {}],
  ['temp', 'fail', 'it is not there', { env: { TMPDIR: '/gone' } }],
  ['temp', 'fail', 'it cannot be written', { host: fakeHost({ readOnly: { '/tmp': 'EACCES' } }) }],
  ['temp', 'warn', 'it is full', { host: fakeHost({ space: { freeBytes: 1 } }) }],
  ['orphans', 'skip', 'nobody knows the apps', { apps: null }],
  [
    'orphans',
    'ok',
    'every mark is of an instance, of its children, or of another home',
    {
      apps: [app({ status: { instances: [{ pid: 20 }] } })],
      host: fakeHost({
        files: {
          '/proc': ['20', '21', '22', 'self'],
          ...proc(20, { environ: environ('n1', HOME) }),
          ...proc(21, { environ: environ('n1', HOME) }),
          ...proc(22, { environ: environ('n9', '/other') }),
        },
      }),
    },
  ],
  [
    'orphans',
    'warn',
    'a marked process is of no instance',
    {
      apps: [app({ status: { instances: [{ pid: 20 }] } })],
      host: fakeHost({
        files: {
          '/proc': ['20', '21'],
          ...proc(20, { environ: environ('n1', HOME) }),
          ...proc(21, { environ: environ('n2', HOME) }),
        },
      }),
    },
  ],
  [
    'orphans',
    'warn',
    'a process cannot be proven to be ours',
    { status: ok({ ...ANSWER, unverified: [{ key: 'shop/web', pid: 5 }] }) },
  ],
  [
    'descriptors',
    'ok',
    'few are open',
    { host: fakeHost({ files: { '/proc/11/limits': openFiles(1024), ...proc(11, { fds: files(30) }) } }) },
  ],
  [
    'descriptors',
    'warn',
    'most are open',
    { host: fakeHost({ files: { '/proc/11/limits': openFiles(1024), ...proc(11, { fds: files(900) }) } }) },
  ],
  [
    'descriptors',
    'fail',
    'nearly all are open',
    { host: fakeHost({ files: { '/proc/11/limits': openFiles(1024), ...proc(11, { fds: files(1000) }) } }) },
  ],
  [
    'descriptors',
    'warn',
    'the apps need more than are allowed',
    {
      status: ok({ ...ANSWER, apps: { count: 1, processes: 500 } }),
      host: fakeHost({ files: { '/proc/11/limits': openFiles(1024), ...proc(11, { fds: files(30) }) } }),
    },
  ],
  ...(
    [
      ['ok', '10'],
      ['warn', '85'],
      ['fail', '99'],
    ] as const
  ).map(([level, used]): Row => [
    'tasks',
    level,
    `${used} of 100 are there`,
    {
      host: fakeHost({
        files: {
          '/proc/11/cgroup': '0::/system.slice/s.service\n',
          '/sys/fs/cgroup/system.slice/s.service/pids.max': 'max\n',
          '/sys/fs/cgroup/system.slice/s.service/pids.current': used,
          '/sys/fs/cgroup/system.slice/pids.max': '100\n',
          '/sys/fs/cgroup/system.slice/pids.current': used,
        },
      }),
    },
  ]),
  ['limits', 'ok', 'no app has any', { apps: [app()] }],
  ['limits', 'ok', 'they hold', { apps: [app({ spec: { limits: { memory: 1 } } })] }],
  ['limits', 'warn', 'they do not hold', { apps: [lost('Limited', 'no cgroup')] }],
  ['features', 'ok', 'the runner knows all', { apps: [app()] }],
  ['features', 'fail', 'it is too old', { apps: [lost('Capable', 'passes no sockets')] }],
  ['reaper', 'ok', 'nothing is left', { host: fakeHost({ files: { '/proc': ['1'], ...proc(1) } }) }],
  [
    'reaper',
    'warn',
    'zombies are left',
    {
      host: fakeHost({
        files: {
          '/proc': ['1', '2', '3', '4', '5'],
          ...proc(1),
          ...(Object.assign({}, ...[2, 3, 4, 5].map((pid) => proc(pid, { state: 'Z' }))) as object),
        },
      }),
    },
  ],
  ...(
    [
      ['fail', 'a stranger has one', 'HOME=/'],
      ['ok', 'an app has it', environ('n1', HOME)],
    ] as const
  ).map(([level, when, environment]): Row => [
    'ports',
    level,
    when,
    {
      apps: [app({ spec: { env: { PORT: '8080' } } })],
      host: fakeHost({
        files: {
          '/proc/net/tcp': 'head\n 0: 0100007F:1F90 00000000:0000 0A 0:0 0:0 0 1000 0 4242 1\n',
          '/proc': ['30'],
          ...proc(30, { environ: environment, fds: ['3'] }),
        },
        links: { '/proc/30/fd/3': 'socket:[4242]' },
      }),
    },
  ]),
  ['ports', 'ok', 'nobody listens', { apps: [app({ spec: { env: { PORT: '8080' } } })] }],
  ['programs', 'skip', 'there is no /proc', {}],
  ['programs', 'ok', 'all are there', { host: fakeHost({ files: PROC, programs: PROGRAMS }) }],
  [
    'programs',
    'ok',
    'one of two is there',
    { host: fakeHost({ files: PROC, programs: [...PROGRAMS.filter((name) => !name.endsWith('python3'))] }) },
  ],
  [
    'programs',
    'warn',
    'nobody needs one that is missing',
    { host: fakeHost({ files: PROC, programs: NO_PERL }) },
  ],
  ...(['notify', 'tty'] as const).map(
    (feature) =>
      [
        'programs',
        feature === 'tty' ? 'fail' : 'warn',
        `an app has ${feature}, and there is no perl`,
        { apps: [app({ spec: { [feature]: true } })], host: fakeHost({ files: PROC, programs: NO_PERL }) },
      ] as const,
  ),
  [
    'programs',
    'fail',
    'an app has a user, and there is no setpriv',
    { apps: [app({ spec: { uid: 'ann' } })], host: fakeHost({ files: PROC, programs: [] }) },
  ],
  ['flock', 'ok', 'it is there', {}],
  ['flock', 'warn', 'it is not there', { host: fakeHost({ programs: [] }) }],
  ['mkfifo', 'fail', 'it is not there', { host: fakeHost({ programs: [] }) }],
  ...(
    [
      ['ok', '65536', '128'],
      ['warn', '1000', '128'],
      ['warn', '65536', '8'],
    ] as const
  ).map(([level, watches, instances]): Row => [
    'inotify',
    level,
    `${watches} and ${instances} are allowed`,
    {
      host: fakeHost({
        files: {
          '/proc/sys/fs/inotify/max_user_watches': watches,
          '/proc/sys/fs/inotify/max_user_instances': instances,
        },
      }),
    },
  ]),
  [
    'inotify',
    'fail',
    'an app cannot watch',
    {
      apps: [lost('Watching', 'ENOSPC')],
      host: fakeHost({
        files: {
          '/proc/sys/fs/inotify/max_user_watches': '65536',
          '/proc/sys/fs/inotify/max_user_instances': '128',
        },
      }),
    },
  ],
  ['inotify', 'skip', 'the system has none', {}],
  ['clock', 'ok', 'nobody synchronizes it, and it is plausible', {}],
  [
    'clock',
    'ok',
    'it is synchronized',
    { host: fakeHost({ files: { '/run/systemd/timesync': [], '/run/systemd/timesync/synchronized': '' } }) },
  ],
  [
    'clock',
    'warn',
    'it should be and is not',
    { host: fakeHost({ files: { '/run/systemd/timesync': [] } }) },
  ],
  ['clock', 'fail', 'it is before stateward', { now: 0 }],
  [
    'clock',
    'fail',
    'it is before the installation',
    { host: fakeHost({ files: { '/dist/daemon.cjs': '' }, changedAt: NOW + 2 * 24 * 3_600_000 }) },
  ],
  ['boot', 'skip', 'another init system runs', {}],
  ['boot', 'warn', 'there is no unit', booted(null)],
  ['boot', 'ok', 'the unit is as it would be written', booted(UNIT_TEXT, ENABLED)],
  ['boot', 'fail', 'the unit is not enabled', booted(UNIT_TEXT)],
  [
    'boot',
    'ok',
    'somebody has edited it',
    booted(UNIT_TEXT.replace('RestartSec=1', 'RestartSec=9'), ENABLED),
  ],
  [
    'boot',
    'warn',
    'another version wrote it',
    booted(systemdPlan({ ...SERVICE, command: ['/bin/flock'] }, SYSTEM_UNITS).file.text, ENABLED),
  ],
  [
    'boot',
    'fail',
    'what it runs is gone',
    booted(systemdPlan({ ...SERVICE, command: ['/gone/node'] }, SYSTEM_UNITS).file.text, ENABLED),
  ],
  ['linger', 'skip', 'the unit is of the host', booted(UNIT_TEXT, ENABLED)],
  ...(
    [
      ['warn', {}],
      ['ok', { '/var/lib/systemd/linger/ann': '' }],
    ] as const
  ).map(([level, more]): Row => {
    const folder = '/root/.config/systemd/user';
    const text = systemdPlan({ ...SERVICE, scope: 'login' }, folder).file.text;
    const files = { [folder]: ['s.service'], [`${folder}/s.service`]: text, ...more };
    return [
      'linger',
      level,
      `the user ${level === 'ok' ? 'lingers' : 'does not linger'}`,
      { host: fakeHost({ files }), service: SERVICE },
    ];
  }),
  ...SECRET_ROWS,
];

describe('a check of the doctor', () => {
  test.each(ROWS)('%s is %s when %s', (name, level, _when, fields) => {
    const finding = found(name, facts(fields));
    expect([finding.level, finding.message]).toEqual([level, expect.any(String)]);
    // What is not well has its way out.
    if (level === 'warn' || level === 'fail') expect(finding.hint).toMatch(/\S/);
  });

  test('names the stranger that holds a port, and the app that wants it', () => {
    const row = ROWS.find(([name, level]) => name === 'ports' && level === 'fail');
    expect(found('ports', facts(row?.[3])).message).toBe('process 30 (app ) x) holds port 8080 of shop/web');
  });

  test('that cannot be carried out is not wrong, and keeps no other from being carried out', () => {
    const broken = {
      ...fakeHost(),
      list: () => {
        throw new Error('out of order');
      },
    };
    const all = examine(facts({ host: broken }));
    expect(all.map(({ name }) => name)).toEqual(CHECKS.map(({ name }) => name));
    expect(all.find(({ name }) => name === 'orphans')).toMatchObject({
      level: 'skip',
      message: 'cannot be looked at: out of order',
    });
  });

  test('has a name of its own, and a row here for when all is well and when it is not', () => {
    const names = CHECKS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names.filter((one) => one !== 'home')) {
      expect([name, ROWS.filter((row) => row[0] === name).length > 0]).toEqual([name, true]);
    }
  });
});
