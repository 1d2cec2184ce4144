import { describe, expect, it } from 'vitest';
import { cronProblem } from '../../src/spec/cron-text.ts';
import { REDACTED } from '../../src/spec/secrets/redact.ts';
import type { Failure } from '../../src/lib/failure.ts';
import { failuresOf, projectFolder } from './support/project-folder.ts';

async function failures(text: string, file = 'ecosystem.yaml'): Promise<readonly Failure[]> {
  await using folder = await projectFolder({ [file]: text });
  return failuresOf(await folder.load());
}

/** `line:column CODE`, to compare many at once. */
function places(list: readonly Failure[]): readonly string[] {
  return list.map(({ position, code }) => `${position?.line ?? 0}:${position?.column ?? 0} ${code}`);
}

describe('errors', () => {
  it.each(['cron_restart', 'schedule'])('say of a number that it is not a %s', async (key) => {
    const [failure] = await failures(`apps: [{script: ./api.js, ${key}: 100}]`);
    expect(failure?.message).toMatch(/100 is not text, or 0/);
  });

  it.each([
    ['umask: "0289"', '"0289" does not have the right form', 'for example "027"'],
    [
      'readiness: {http: {port: 80, path: up}}',
      '"up" does not have the right form',
      'for example "/healthz"',
    ],
    ['umask: 22', '22 is not text', 'for example "027"'],
  ])('say what is wrong with the form of a text: %s', async (field, message, hint) => {
    const [failure] = await failures(`apps: [{script: ./api.js, ${field}}]`);
    expect(failure).toMatchObject({ message: expect.stringContaining(message) as string, hint });
  });

  it('are all reported at once, in the order of the file', async () => {
    const list = await failures(
      [
        'apps:',
        '  - name: api',
        '    script: ./api.js',
        '    instnces: 2',
        '    max_memory_restart: 512Q',
        '    kill_timeout: 5 minutes',
        '    kill_timeout: 5s',
        '  - name: db',
        '    script: ./nope.js',
        '    cron: "61 * * * *"',
        '    depends_on: [apii]',
        '    readiness: { tcp: { port: 99999 }, perod: 1s }',
        '  - name: db',
        '    script: ./api.js',
        '    autorestart: "no"',
        '    exec_mode: clster',
      ].join('\n'),
    );
    expect(places(list)).toEqual([
      '4:5 CONFIG_UNKNOWN_KEY',
      '5:25 CONFIG_BAD_VALUE',
      '6:19 CONFIG_BAD_VALUE',
      '7:5 CONFIG_DUPLICATE_KEY',
      '9:13 CONFIG_SCRIPT_NOT_FOUND',
      '10:11 CONFIG_BAD_VALUE',
      '11:18 CONFIG_UNKNOWN_DEPENDENCY',
      '12:31 CONFIG_BAD_VALUE',
      '12:40 CONFIG_UNKNOWN_KEY',
      '13:11 CONFIG_DUPLICATE_APP',
      '15:18 CONFIG_BAD_VALUE',
      '16:16 CONFIG_BAD_VALUE',
    ]);
    expect(list.map(({ hint }) => hint).filter((hint) => hint?.startsWith('did you mean'))).toEqual([
      'did you mean instances?',
      'did you mean api?',
      'did you mean period?',
      'did you mean cluster?',
    ]);
    expect(list[3]?.details).toEqual(['first at ecosystem.yaml:6:5']);
  });

  it('name `cwd` when the script is beside the file, also where that is the folder of the shell', async () => {
    await using folder = await projectFolder({
      'ecosystem.yaml': 'apps: [{script: ./api.js, cwd: ./sub}]',
      'sub/': '',
    });
    const [failure] = failuresOf(await folder.load());
    expect(failure?.hint).toContain('the script is relative to `cwd`');
  });

  it('of several documents have places in the whole file', async () => {
    const list = await failures(
      'apps: [{script: ./api.js, x: 1}]\n---\nproject: b\napps:\n  - {script: ./api.js, y: 1}\n',
    );
    expect(places(list)).toEqual(['1:27 CONFIG_UNKNOWN_KEY', '5:24 CONFIG_UNKNOWN_KEY']);
  });

  it('do not show the password of a URL in the frame', async () => {
    const [failure] = await failures('apps: [{script: ./api.js, env: {URL: "http://u:hunter2@h/"}, x: 1}]\n');
    expect(failure?.frame).toContain('"http://u:*******@h/"');
  });

  it('of a structure that broke are told once, not for every token that follows', async () => {
    const list = await failures(
      'apps:\n  - script: ./api.js\n    args: [a, b\n    env: { A: 1 }\n  - script: b\n',
    );
    expect(places(list)).toHaveLength(1);
  });

  it.each(['{ A: ${PORT:?set it} }', '[ ${PORT:?set it} ]'])(
    'tell that a variable needs quotes in %s',
    async (value) => {
      const [failure, ...more] = await failures(
        `apps:\n  - script: ./api.js\n    env: ${value}\n    time: true\n`,
      );
      expect(failure).toMatchObject({
        code: 'CONFIG_SYNTAX',
        position: { line: 3, column: 10 + value.indexOf('$') },
        hint: 'write "${PORT:?set it}"',
      });
      expect(more).toEqual([]);
    },
  );

  it('show the line with a marker under the offending text', async () => {
    const [failure] = await failures('apps:\n  - script: ./api.js\n    instnces: 2\n');
    expect(failure?.frame).toBe('3 |     instnces: 2\n  |     ^^^^^^^^');
  });

  it('show the right part of a very long line, without control characters', async () => {
    const pad = 'x'.repeat(5000);
    const [failure] = await failures(
      `{"apps":[{"script":"./api.js","args":"${pad}",\t"instnces":2}]}`,
      'ecosystem.json',
    );
    expect(failure?.position).toMatchObject({ line: 1, column: 5042 });
    expect(failure?.frame).toContain('"instnces"');
    expect(failure?.frame?.length).toBeLessThan(300);
    expect(failure?.frame).not.toContain('\t');
  });

  it('have places in JSON too', async () => {
    const list = await failures(
      '{\n  "apps": [\n    { "script": "./api.js", "instances": "two", "x": 1, "x": 2 }\n  ]\n}',
      'ecosystem.json',
    );
    expect(places(list)).toEqual(
      ['3:42 CONFIG_BAD_VALUE', '3:49 CONFIG_UNKNOWN_KEY', '3:57 CONFIG_DUPLICATE_KEY'].toSorted(),
    );
  });

  it('point through aliases and merges at what is written', async () => {
    const list = await failures('x-a: &a\n  max_restart: 1\napps:\n  - <<: *a\n    script: ./api.js\n');
    expect(places(list)).toEqual(['2:3 CONFIG_UNKNOWN_KEY']);
  });

  it('name the path and the app', async () => {
    const [failure] = await failures(
      'apps:\n- {name: a, script: ./api.js}\n- {name: b, script: ./api.js, env: {A=B: 1}}\n',
    );
    expect(failure?.message).toBe(
      'apps[1].env."A=B" (app "b"): the name of a variable must not be empty or hold "="',
    );
  });

  it('say one thing for one wrong probe', async () => {
    const list = await failures('apps: [{script: ./api.js, readiness: {period: 1s}}]');
    expect(list.map(({ message }) => message)).toEqual([
      'apps[0].readiness: a probe needs exactly one of http, tcp, grpc, exec and log',
    ]);
  });

  it('name the way for probes as other tools have them', async () => {
    const list = await failures(
      'apps:\n- {name: a, script: ./api.js, readiness: {https: {port: 1}}}\n' +
        '- {name: b, script: ./api.js, readiness: {httpGet: {port: 1}, initialDelaySeconds: 3}}\n' +
        '- {name: c, script: ./api.js, readiness: {http: {port: 1, scheme: HTTPS, httpHeaders: []}}}\n' +
        '- {name: d, script: ./api.js, readiness: {grpc: {port: 1, tls: true}}}\n',
    );
    expect(list.map(({ message, hint }) => [message.replace(/^.*\): /, ''), hint])).toEqual([
      ['unknown key', 'did you mean http: {scheme: https}?'],
      ['unknown key', 'did you mean http?'],
      ['unknown key', 'did you mean initial_delay?'],
      ['"HTTPS" is not one of http, https', 'did you mean https?'],
      ['unknown key', 'did you mean headers?'],
      ['unknown key', 'did you mean scheme: https?'],
    ]);
  });

  it('refuse what a probe over HTTP or TLS cannot mean', async () => {
    const list = await failures(
      'apps:\n- script: ./api.js\n  readiness: {http: {port: 1, insecure: true}}\n' +
        '  startup: {grpc: {port: 1, scheme: https, insecure: true, ca: x.pem}}\n' +
        '  liveness: {http: {port: 1, headers: {"a b": x, Connection: close, X: 1, x: 2, y: "a\\nb"}}}\n',
    );
    expect(list.map(({ message }) => message.replace(/^apps\[0\]\./, ''))).toEqual([
      expect.stringMatching(/^readiness\.http\.insecure .*: there is no certificate without TLS/),
      expect.stringMatching(/^startup\.grpc\.ca .*: with `insecure`, whatever certificate/),
      expect.stringMatching(/^liveness\.http\.headers\."a b" .*cannot be the name of a header/),
      expect.stringMatching(/^liveness\.http\.headers\.Connection .*is set by the probe itself/),
      expect.stringMatching(/^liveness\.http\.headers\.x .*: X is the same header/),
      expect.stringMatching(/^liveness\.http\.headers\.y .*: a line break/),
    ]);
  });

  it.each([
    'stop_signal: TERMM',
    'reload: {signal: FOO}',
    'readiness: {log: "("}',
    'liveness: {log: "("}',
    'cron_restart: "61 * * * *"',
    'hooks: {pre_start: {command: []}}',
    'ports: [{name: a, port: 80}, {name: a, port: 81}]',
    'sockets: [{name: a, listen: "x:y"}]',
    'nice: 99',
    'notify: true, exec_mode: clster',
  ])('say one thing for one mistake: %s', async (field) => {
    expect(await failures(`apps: [{script: ./api.js, ${field}}]`)).toHaveLength(1);
  });

  it('refuse to probe and to ask for heartbeats without pause or without time for an answer', async () => {
    const list = await failures(
      'apps:\n- script: ./api.js\n  readiness: {tcp: {port: 1}, period: 0}\n' +
        '  liveness: {tcp: {port: 1}, timeout: 0}\n  heartbeat: {interval: 99ms}\n',
    );
    expect(list.map(({ message, position }) => `${position?.line ?? 0}: ${message}`)).toEqual([
      expect.stringMatching(/^3: .*readiness\.period.* 0s is too short: at least 100ms/),
      expect.stringMatching(/^4: .*liveness\.timeout.* 0s is too short: at least 1ms/),
      expect.stringMatching(/^5: .*heartbeat\.interval.* 99ms is too short: at least 100ms/),
    ]);
  });

  it('show no secret', async () => {
    const text = 'apps:\n- script: ./api.js\n  env: {A: 1}\n  labels: { api_token: [hunter2] }\n';
    const [failure] = await failures(text);
    expect(failure?.code).toBe('CONFIG_WRONG_TYPE');
    expect(JSON.stringify(failure)).not.toContain('hunter2');
  });

  it('name both ends of a cycle of dependencies', async () => {
    const list = await failures(
      'apps:\n- {name: a, script: ./api.js, depends_on: [b]}\n- {name: b, script: ./api.js, depends_on: {c: ready}}\n- {name: c, script: ./api.js, depends_on: [a]}\n- {name: d, script: ./api.js, depends_on: [d]}\n',
    );
    expect(list.map(({ message }) => message)).toEqual([
      'apps[2].depends_on[0] (app "c"): the apps wait for each other: a -> b -> c -> a',
      'apps[3].depends_on[0] (app "d"): the apps wait for each other: d -> d',
    ]);
  });

  it('refuse a redacted value', async () => {
    const [failure] = await failures(`apps: [{script: ./api.js, env: {TOKEN: "${REDACTED}"}}]`);
    expect(failure?.hint).toContain('get -o yaml --show-secrets');
  });

  it.each(['a/b', '.hidden', '-x', 'a\\b', 'x'.repeat(101), 'ü'.repeat(100) + 'x', ' a', 'a '])(
    'refuse the name %j',
    async (name) => {
      const list = await failures(JSON.stringify([{ name, script: './api.js' }]), 'ecosystem.json');
      expect(list).toMatchObject([{ code: 'CONFIG_BAD_VALUE' }]);
    },
  );

  it.each(['api', 'my api', 'api.v2', 'größe', '日本', 'a:b', '1'])('take the name %j', async (name) => {
    await using folder = await projectFolder({
      'ecosystem.json': JSON.stringify([{ name, script: './api.js' }]),
    });
    expect(await folder.load()).toMatchObject({ ok: true, value: { projects: [{ apps: [{ name }] }] } });
  });
});

describe('what is not there', () => {
  it('is said of a working folder', async () => {
    const list = await failures('apps:\n- script: ./api.js\n  cwd: /home/other/app\n');
    expect(list).toMatchObject([{ code: 'CONFIG_CWD_NOT_FOUND', position: { line: 3, column: 8 } }]);
  });

  it('is said of a script, with where it is when only the shell can see it', async () => {
    await using folder = await projectFolder({ 'deploy/ecosystem.yaml': 'apps: [{script: ./api.js}]' });
    const [failure] = failuresOf(await folder.load({ files: ['deploy'] }));
    expect(failure).toMatchObject({ code: 'CONFIG_SCRIPT_NOT_FOUND' });
    expect(failure?.hint).toContain("relative to the ecosystem file's folder, not to the shell's");
  });

  it('is said of a command, with the folder of packages when it is there', async () => {
    await using folder = await projectFolder({
      'ecosystem.yaml': 'apps: [{script: next, args: start}]',
      'node_modules/.bin/next': '',
    });
    expect(failuresOf(await folder.load())).toMatchObject([
      { code: 'CONFIG_SCRIPT_NOT_FOUND', hint: 'write node_modules/.bin/next' },
    ]);
  });

  it('is said of an interpreter', async () => {
    const list = await failures('apps: [{script: ./api.js, interpreter: ./venv/bin/python}]');
    expect(list).toMatchObject([{ code: 'CONFIG_SCRIPT_NOT_FOUND', position: { column: 40 } }]);
  });
});

describe('cron', () => {
  it.each([
    ...['* * * * *', '0 2 * * *', '*/5 0-6,22 1-15/2 JAN-MAR MON-FRI', '0 0 2 * * *', '@daily', '@Hourly'],
    ...['0 0 L * *', '0 0 ? * 1#2', '0 0 * * 5L', 'H 2 * * *', '59 23 31 12 7', '0 0 * jan sun'],
  ])('%s is a schedule', (text) => {
    expect(cronProblem(text)).toBeNull();
  });

  it.each([
    ...['', '* * * *', '* * * * * * *', '60 * * * *', '* 24 * * *', '* * 0 * *', '* * * 13 *', '* * * * 8'],
    ...['@never', 'a b c d e', '*/0 * * * *', '5-1 * * * *', '1,,2 * * * *', '1/2/3 * * * *', '-1 * * * *'],
  ])('%j is none', (text) => {
    expect(cronProblem(text)).not.toBeNull();
  });
});
