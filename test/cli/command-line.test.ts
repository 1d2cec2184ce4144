import { describe, expect, it } from 'vitest';
import { FailureError } from '../../src/lib/failure.ts';
import { asksForJson } from '../../src/cli/commands/base/output-format.ts';
import { asksForVersion, wordsFirst } from '../../src/cli/fast/global-flags.ts';
import { resolveCommand } from '../../src/cli/resolve-command.ts';
import { parseScaleTargets } from '../../src/cli/commands/base/scale-target.ts';
import { appEntry } from '../../src/cli/declare/start-app.ts';
import { isEcosystemName } from '../../src/config/read/find/file-names.ts';
import { baseEnv } from '../../src/controller/base-env.ts';
import { daemonEnvironment, foregroundEnvironment } from '../../src/spec/environment/daemon-environment.ts';

const commands = [
  { id: 'get', aliases: ['ls', 'list'], changesNothing: true },
  { id: 'apply', aliases: [], changesNothing: false },
  { id: 'daemon:start', aliases: [], changesNothing: false },
  { id: 'daemon:status', aliases: [], changesNothing: true },
  { id: 'rollout:status', aliases: [], changesNothing: true },
];

describe('a command line', () => {
  it.each([
    [['get', 'api'], { kind: 'run', id: 'get', argv: ['api'] }],
    [['ls'], { kind: 'run', id: 'get', argv: [] }],
    [['daemon', 'start', '-o', 'json'], { kind: 'run', id: 'daemon:start', argv: ['-o', 'json'] }],
    [[], { kind: 'help', subject: [] }],
    [['--help'], { kind: 'help', subject: [] }],
    [['help', 'daemon', 'start'], { kind: 'help', subject: ['daemon', 'start'] }],
    [['get', '-h'], { kind: 'help', subject: ['get'] }],
    [['daemon'], { kind: 'help', subject: ['daemon'] }],
    [['apply', '--', '--help'], { kind: 'run', id: 'apply', argv: ['--', '--help'] }],
  ])('%j is understood', (argv, invocation) => {
    expect(resolveCommand(argv, commands)).toEqual({ ok: true, value: invocation });
  });

  it.each([
    [['aply'], 'unknown command "aply"', 'stateward --help lists the commands'],
    [['gett'], 'unknown command "gett"', 'did you mean stateward get?'],
    [['htop'], 'unknown command "htop"', 'stateward monit'],
    [['state', 'list'], 'unknown command "state"', 'stateward get; with everything: stateward get -o json'],
    [['rollout', 'undo'], 'unknown command "rollout undo"', 'stateward rollback APP'],
    [['daemon', 'strat'], 'unknown command "daemon strat"', 'stateward daemon --help lists the commands'],
    [['xyzzy'], 'unknown command "xyzzy"', 'stateward --help lists the commands'],
    [['deamon'], 'unknown command "deamon"', 'did you mean stateward daemon?'],
    [['deamon', 'status'], 'unknown command "deamon"', 'did you mean stateward daemon status?'],
    [['deamon', 'start'], 'unknown command "deamon"', 'did you mean stateward daemon?'],
    [['rollot', 'status', 'api'], 'unknown command "rollot"', 'did you mean stateward rollout status?'],
    [['ge'], 'unknown command "ge"', 'did you mean stateward get?'],
    [['slist'], 'unknown command "slist"', 'stateward get -o json, and stateward doctor for the host'],
    [['shutdown'], 'unknown command "shutdown"', 'stateward daemon stop --all'],
  ])('%j is refused with the nearest command, or what PM2 users mean by it', (argv, message, hint) => {
    expect(resolveCommand(argv, commands)).toEqual({ ok: false, error: { code: 'USAGE', message, hint } });
  });

  it('asks for JSON in every spelling, but not behind --', () => {
    expect(
      [['-o', 'json'], ['-ojson'], ['-o=json'], ['--output', 'json'], ['--output=json']].every(asksForJson),
    ).toBe(true);
    expect(asksForJson(['start', 'x.js', '--', '-o', 'json'])).toBe(false);
    expect(asksForJson(['json', '-o', 'table'])).toBe(false);
  });
});

describe('global flags', () => {
  it.each([
    ['--no-color get', 'get --no-color'],
    ['--home /x get -w', 'get --home /x -w'],
    ['-o json --home=/x get a', 'get -o json --home=/x a'],
    ['-ojson daemon --home /x status', 'daemon status -ojson --home /x'],
    ['get --home /x', 'get --home /x'],
    ['--home', '--home'],
    ['--home /x --help', '--help --home /x'],
    ['-w get', 'get -w'],
    ['-f shop.yaml apply --dry-run', 'apply -f shop.yaml --dry-run'],
    ['-f - plan', 'plan -f -'],
    ['-f logs api', 'logs -f api'],
    ['--env production -f x.yaml --home /x reload', 'reload --env production -f x.yaml --home /x'],
    ['--file=x.yaml apply', 'apply --file=x.yaml'],
    ['-n 5 logs api', 'logs -n 5 api'],
    ['--help get', '--help get'],
    ['-- get', '-- get'],
    ['start x.js -- --home y', 'start x.js -- --home y'],
  ])('of %j are read as those of %j', (typed, read) => {
    expect(wordsFirst(typed.split(' ')).join(' ')).toBe(read);
  });

  it('ask for the version wherever no flag takes it for its value', () => {
    expect(
      [['-v'], ['--home', '/x', '--version'], ['get', '--version']].every((argv) =>
        asksForVersion(wordsFirst(argv)),
      ),
    ).toBe(true);
    expect([['logs', '--grep', '-v'], ['start', 'x.js', '--', '-v'], ['version']].some(asksForVersion)).toBe(
      false,
    );
  });
});

describe('scale', () => {
  it.each([
    [['api', '4'], [{ selector: 'api', amount: { instances: 4 } }]],
    [['api=4'], [{ selector: 'api', amount: { instances: 4 } }]],
    [['api', '+1'], [{ selector: 'api', amount: { delta: 1 } }]],
    [['api', '-2'], [{ selector: 'api', amount: { delta: -2 } }]],
    [
      ['api=1', 'web=-1'],
      [
        { selector: 'api', amount: { instances: 1 } },
        { selector: 'web', amount: { delta: -1 } },
      ],
    ],
  ])('%j', (args, targets) => expect(parseScaleTargets(args)).toEqual(targets));

  it.each([
    [[]],
    [['api']],
    [['api', 'many']],
    [['api', '1.5']],
    [['api', '0']],
    [['api', '1', '2']],
    [['=3']],
  ])('refuses %j', (args) => expect(() => parseScaleTargets(args)).toThrow(FailureError));
});

describe('start of a script', () => {
  it('declares what a file with the same words would', () => {
    const flags = {
      name: 'api',
      instances: '4',
      'max-memory-restart': '300M',
      autorestart: false,
      watch: false,
    };
    expect(appEntry('app.js', ['--port', '3000'], flags)).toEqual({
      script: 'app.js',
      args: ['--port', '3000'],
      name: 'api',
      instances: 4,
      max_memory_restart: '300M',
      autorestart: false,
    });
    expect(appEntry('app.js', [], { autorestart: true })).toEqual({ script: 'app.js' });
  });

  it.each([
    ['ecosystem.yaml', true],
    ['shop.yml', true],
    ['ecosystem.config.cjs', true],
    ['apps.json', true],
    ['apps.json5', true],
    ['ecosystem.config.ts', true],
    ['deploy/ecosystem.mts', true],
    ['ecosystem.dev.js', true],
    ['pm2.config.mjs', true],
    ['pm2.js', true],
    ['server.ts', false],
    ['process.js', false],
    ['my-ecosystem.js', false],
    ['app.js', false],
    ['config.js', false],
  ])('%s is an ecosystem file: %s', (name, expected) => expect(isEcosystemName(name)).toBe(expected));
});

describe('the environment of a daemon', () => {
  const allocator = {
    MALLOC_ARENA_MAX: '1',
    MALLOC_MMAP_THRESHOLD_: '131072',
    MALLOC_TRIM_THRESHOLD_: '131072',
  };

  it('keeps glibc from holding what is free, unless it says how itself; apps hear nothing of that', () => {
    const given = { MALLOC_ARENA_MAX: '4' };
    expect(daemonEnvironment({})).toEqual(allocator);
    expect(daemonEnvironment(given)).toEqual({ ...allocator, ...given });
    expect(foregroundEnvironment(given)).toEqual({ ...allocator, ...given });
    expect(baseEnv(allocator)).toEqual({});
  });

  it('is the base and its own settings, not the shell that starts it', () => {
    const env = {
      PATH: '/bin',
      HOME: '/h',
      LC_ALL: 'C',
      STATEWARD_HOME: '/s',
      AWS_SECRET: 'x',
      NODE_OPTIONS: '-r y',
    };
    const own = { PATH: '/bin', HOME: '/h', LC_ALL: 'C', STATEWARD_HOME: '/s' };
    expect(daemonEnvironment(env)).toEqual({ ...allocator, ...own });
  });

  it('says how the network is reached, and whom it trusts', () => {
    const env = {
      https_proxy: 'http://proxy:3128',
      NO_PROXY: 'x',
      SSL_CERT_FILE: '/ca',
      NODE_EXTRA_CA_CERTS: '/ca',
    };
    expect(daemonEnvironment(env)).toEqual({ ...allocator, ...env });
    expect(baseEnv(env)).toEqual({});
  });

  it('in the foreground is what its unit gives, without what is said to that process alone', () => {
    const given = { PATH: '/bin', LICENSE_KEY: 'l', CREDENTIALS_DIRECTORY: '/run/credentials/s' };
    const own = { NOTIFY_SOCKET: '/n', NODE_OPTIONS: '-r y', LISTEN_FDS: '1', WATCHDOG_USEC: '1' };
    expect(foregroundEnvironment({ ...given, ...own })).toEqual({ ...allocator, ...given });
  });

  it('is not that of an app from inside which it is started: it would end with it', () => {
    const env = { STATEWARD_INSTANCE: 'n1', STATEWARD_APP: 'a', STATEWARD_PROJECT: 'p', STATEWARD_SLOT: '0' };
    expect(daemonEnvironment(env)).toEqual(allocator);
    expect(foregroundEnvironment(env)).toEqual(allocator);
  });
});
