import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { validate } from '../../src/config/generated/validate.js';
import type { ImportedApp } from '../../src/import/model/imported.ts';
import { importSystemd } from '../../src/import/systemd/systemd.ts';
import { rendered } from './support/render.ts';

/** The app of a unit whose `[Service]` has these lines. */
function appOf(...lines: readonly string[]): ImportedApp {
  const text = ['[Service]', 'ExecStart=/usr/sbin/daemon', 'Restart=always', ...lines].join('\n');
  const result = importSystemd([{ file: 'web.service', text }]);
  const [app] = result.ok ? result.value.apps : [];
  if (app === undefined || !result.ok) throw new Error('no app');
  const file = rendered(result.value);
  expect({ ok: validate(parse(file)), errors: validate.errors, file }).toMatchObject({ ok: true });
  return app;
}

function notesOf({ notes }: ImportedApp): string {
  return notes.map(({ kind, text }) => `${kind}: ${text}`).join('\n');
}

const sh = (line: string): readonly string[] => ['sh', '-c', line];
const USUAL = { timeout: '1m30s' };

describe('ExecReload of a unit', () => {
  it.each([
    '/bin/kill -HUP $MAINPID',
    '/bin/kill -HUP ${MAINPID}',
    '-/usr/bin/kill -s HUP $MAINPID',
    'kill --signal=SIGHUP $MAINPID',
    '+/bin/kill -1 $MAINPID',
    "/bin/sh -c 'kill -SIGHUP $MAINPID'",
  ])('%s is a signal', (line) => {
    const app = appOf(`ExecReload=${line}`);
    expect(app.fields['reload']).toEqual({ signal: 'SIGHUP' });
    expect(notesOf(app)).not.toContain('not imported');
  });

  it.each<readonly [string, readonly string[]]>([
    ['/usr/sbin/nginx -s reload', ['/usr/sbin/nginx', '-s', 'reload']],
    ['@/usr/sbin/nginx nginx -s "re load" $$x', ['/usr/sbin/nginx', '-s', 're load', '$x']],
    ["/bin/sh -c 'nginx -t && kill -HUP $MAINPID'", ['/bin/sh', '-c', 'nginx -t && kill -HUP $MAINPID']],
    ['-/usr/bin/check', sh('{ /usr/bin/check || true; }')],
    ['/usr/bin/ctl --pid $MAINPID', sh('/usr/bin/ctl --pid $MAINPID')],
    ["/usr/bin/ctl --at=${HOST}:1 $OPTS a$b 'it''s'", sh(`/usr/bin/ctl "--at=\${HOST}:1" $OPTS 'a$b' its`)],
    [':/usr/bin/ctl $OPTS', ['/usr/bin/ctl', '$OPTS']],
    ['/bin/kill -HUP $MAINPID $OTHER', sh('/bin/kill -HUP $MAINPID $OTHER')],
    ['/bin/kill -HUP 1', ['/bin/kill', '-HUP', '1']],
  ])('%s is a command', (line, command) => {
    expect(appOf(`ExecReload=${line}`).fields['reload']).toEqual({ command, ...USUAL });
  });

  it('is one command where it is several lines, each of which has to end well', () => {
    const app = appOf(
      'TimeoutStartSec=20',
      'ExecReload=/usr/sbin/sshd -t',
      'ExecReload=-/bin/note',
      'ExecReload=/bin/kill -HUP $MAINPID',
    );
    const command = sh('/usr/sbin/sshd -t && { /bin/note || true; } && /bin/kill -HUP $MAINPID');
    expect(app.fields['reload']).toEqual({ command, timeout: '20s' });
  });

  it('is what Type=notify-reload says, whose signal comes first', () => {
    expect(appOf('Type=notify-reload').fields['reload']).toEqual({ signal: 'SIGHUP' });
    expect(appOf('Type=notify-reload', 'ReloadSignal=SIGUSR1').fields['reload']).toEqual({
      signal: 'SIGUSR1',
    });
    expect(appOf('Type=notify-reload', 'ExecReload=/bin/note').fields['reload']).toEqual({
      command: sh('/bin/kill -s SIGHUP $MAINPID && /bin/note'),
      ...USUAL,
    });
  });

  it('is a comment where it has other rights than the app, and for a job', () => {
    const app = appOf('User=www', 'ExecReload=+/bin/kill -HUP $MAINPID');
    expect(app.fields['reload']).toBeUndefined();
    expect(notesOf(app)).toContain(
      'unmapped: ExecReload: +/bin/kill -HUP $MAINPID (+: here every command runs',
    );
    expect(appOf('Type=oneshot', 'ExecReload=/bin/a').fields['reload']).toBeUndefined();
  });
});

describe('the end of a unit', () => {
  it.each<readonly [string, readonly string[], object]>([
    ['nothing said', [], { stop_signal: 'SIGTERM', kill_timeout: '1m30s' }],
    ['KillMode=control-group', ['KillMode=control-group'], { stop_signal: 'SIGTERM' }],
    ['KillMode=mixed', ['KillMode=mixed', 'KillSignal=SIGINT'], { stop_signal: 'SIGINT', treekill: false }],
    ['KillMode=process', ['KillMode=process'], { treekill: false, leftovers: 'keep' }],
    ['KillSignal=RTMIN+3', ['KillSignal=SIGRTMIN+3'], { stop_signal: 'SIGRTMIN+3' }],
    ['TimeoutSec', ['TimeoutSec=5min'], { kill_timeout: '5m', listen_timeout: '5m' }],
    [
      'the last of TimeoutSec and TimeoutStopSec',
      ['TimeoutSec=5', 'TimeoutStopSec=9'],
      { kill_timeout: '9s' },
    ],
    [
      'no end of waiting',
      ['TimeoutStopSec=infinity', 'TimeoutStartSec=0'],
      { kill_timeout: '1d', listen_timeout: '1d' },
    ],
    ['ExecStop=kill', ['ExecStop=/bin/kill -s QUIT $MAINPID'], { stop_signal: 'SIGQUIT', treekill: false }],
    [
      'ExecStop',
      ['TimeoutStopSec=1h', 'ExecStop=-/usr/bin/ctl stop'],
      { shutdown: { command: ['/usr/bin/ctl', 'stop'], timeout: '1h' }, kill_timeout: '1h' },
    ],
    [
      'two of ExecStop',
      ['ExecStop=/bin/a', 'ExecStop=/bin/b ${MAINPID}'],
      { shutdown: { command: sh('/bin/a && /bin/b "${MAINPID}"'), ...USUAL } },
    ],
    [
      'Type=forking',
      ['Type=forking', 'PIDFile=nginx.pid', 'ExecReload=/bin/kill -HUP $MAINPID'],
      { daemonize: true, pid_file: '/run/nginx.pid', reload: { signal: 'SIGHUP' } },
    ],
    ['a folder of systemd', ['Type=forking', 'PIDFile=%t/%N.pid'], { pid_file: '/run/web.pid' }],
  ])('%s', (_what, lines, fields) => {
    const app = appOf(...lines);
    expect(app.fields).toMatchObject(fields);
    expect(notesOf(app)).not.toContain('unmapped');
  });

  it('has no pid file where systemd reads none', () => {
    expect(appOf('PIDFile=/run/x.pid').fields).not.toHaveProperty('pid_file');
  });

  it.each([
    ['RestartKillSignal=SIGHUP', 'gets stop_signal too'],
    ['FinalKillSignal=SIGQUIT', 'gets SIGKILL'],
    ['SendSIGKILL=no', 'gets SIGKILL'],
    ['SendSIGHUP=yes', 'one signal'],
    ['KillMode=none', 'gets stop_signal'],
  ])('%s is a comment that says why', (line, why) => {
    expect(notesOf(appOf(line))).toMatch(new RegExp(`unmapped: ${line.replace('=', ': ')} \\(.*${why}`));
  });

  it.each(['RestartKillSignal=SIGTERM', 'FinalKillSignal=SIGKILL', 'SendSIGKILL=yes', 'SendSIGHUP=no'])(
    '%s goes without saying',
    (line) => {
      expect(notesOf(appOf(line))).not.toContain('unmapped');
    },
  );

  it('says what differs of a command that ends the app', () => {
    expect(notesOf(appOf('ExecStop=/bin/a'))).toContain('systemd signals what is left at once');
    expect(notesOf(appOf('ExecStop=/bin/kill $MAINPID'))).toContain('systemd sends KillSignal as well');
    expect(notesOf(appOf('Type=oneshot', 'RemainAfterExit=yes', 'ExecStop=/bin/a'))).toContain(
      'unmapped: ExecStop: /bin/a (a job has ended when it is stopped',
    );
  });
});

describe('commands before and after a unit', () => {
  it('are hooks, with what differs', () => {
    const app = appOf(
      'TimeoutStartSec=10',
      'ExecStartPre=/usr/sbin/nginx -t',
      'ExecStartPre=-/usr/bin/warm up',
      'ExecStartPost=/usr/bin/register $MAINPID',
      'ExecStopPost=/bin/rm -f /run/web.lock',
    );
    expect(app.fields['hooks']).toEqual({
      pre_start: { command: sh('/usr/sbin/nginx -t && { /usr/bin/warm up || true; }'), timeout: '10s' },
      post_start: { command: sh('/usr/bin/register $STATEWARD_PID'), timeout: '10s' },
      post_stop: { command: ['/bin/rm', '-f', '/run/web.lock'], timeout: '1m30s' },
    });
    expect(notesOf(app)).toContain('pre_start runs once for each release');
    expect(notesOf(app)).toContain('systemd stops the service when ExecStartPost fails');
    expect(notesOf(appOf('ExecStartPost=-/bin/a'))).not.toContain('stops the service');
  });

  it.each([
    ['ExecStartPre=/bin/mkdir -p /run/web', 'needed before every start'],
    ['ExecStartPre=!/bin/a', 'runs as the user of the app'],
    ['ExecCondition=/bin/a', 'part of the program'],
    ['ExecStopPost=/bin/note $EXIT_CODE', 'STATEWARD_EXIT_CODE'],
  ])('%s is a comment: it would mean something else', (line, why) => {
    const app = appOf('User=www', line);
    expect(app.fields).not.toHaveProperty('hooks');
    expect(notesOf(app)).toContain(why);
  });

  it('of a job are comments: it has no start and no end of that kind', () => {
    const app = appOf('Type=oneshot', 'ExecStartPre=/bin/a', 'ExecStartPost=/bin/b');
    expect(app.fields).not.toHaveProperty('hooks');
    expect(notesOf(app)).toContain('script: "/bin/a && exec ..."');
    expect(notesOf(app)).toContain('an app that depends on it: completed');
  });
});

describe('the command of a unit', () => {
  it('with variables is what the shell becomes, with the words that systemd has', () => {
    const text = "[Service]\nExecStart=@/bin/web name -p ${PORT} $OPTS 'a b' $$x\nRestart=always\n";
    const result = importSystemd([{ file: 'web.service', text }]);
    expect(result).toMatchObject({
      value: { apps: [{ fields: { script: `exec /bin/web -p "\${PORT}" $OPTS 'a b' '$x'`, shell: true } }] },
    });
  });
});
