// Values that are read from elsewhere, one of each kind: they are in the processes that get them, and nowhere else.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { SOURCE_KINDS } from '../../src/spec/secrets/variable-source.ts';
import { eventually } from '../support/eventually.ts';
import { BIN, environmentOf, Host } from '../support/host.ts';

/** One value for each source, so that a leak says from where; rotated ones stay secrets. */
const canaries = new Map<string, string>();
function plant(place: string): string {
  const value = `Cnry${randomBytes(9).toString('hex')}`;
  canaries.set(place, value);
  return value;
}

function leaks(text: string): readonly string[] {
  return [...canaries].filter(([, value]) => text.includes(value)).map(([place]) => place);
}

const PRINTS = `Object.values(process.env).filter((value) => value.startsWith('Cnry')).join(' ')`;

let host: Host;
let daemon: ChildProcess;
const said: { readonly command: string; readonly text: string }[] = [];

async function run(...args: string[]): Promise<string> {
  const { text } = await host.run(args);
  said.push({ command: args.join(' '), text });
  return text;
}

function leaking(from = 0): readonly (readonly [string, readonly string[]])[] {
  return said
    .slice(from)
    .map(({ command, text }) => [command, leaks(text)] as const)
    .filter(([, places]) => places.length > 0);
}

function write(path: string, text: string, mode = 0o600): string {
  const file = host.write(path, text);
  chmodSync(file, mode);
  return file;
}

const ENV = {
  FILE_VALUE: { from_file: './secrets/file' },
  EXEC_VALUE: { from_exec: ['./vault', 'secret/api'] },
  ENV_VALUE: { from_env: 'OF_THE_DAEMON' },
  CREDENTIAL_VALUE: { from_credential: 'smtp' },
  SOPS_VALUE: { from_sops: './secrets.enc.yaml', key: 'stripe.live' },
};
const PRINT_LINE = 'echo "got $FILE_VALUE $EXEC_VALUE $ENV_VALUE $CREDENTIAL_VALUE $SOPS_VALUE"';

beforeAll(async () => {
  host = new Host();
  const common = { env: ENV, min_uptime: 0 };
  host.write('idle.js', 'setInterval(() => undefined, 1e6);');
  host.write('crash.js', `console.error('cannot log in with ' + ${PRINTS}); process.exit(1);`);
  write('secrets/file', plant('from_file'));
  write('vault', `#!/bin/sh\nprintf '%s' ${plant('from_exec')}\n`, 0o755);
  write('bin/sops', `#!/bin/sh\nprintf '%s' ${plant('from_sops')}\n`, 0o755);
  write('secrets.enc.yaml', 'stripe: { live: encrypted }\n');
  write('credentials/smtp', plant('from_credential'));
  host.declare(
    { ...common, name: 'idle', script: './idle.js' },
    {
      ...common,
      name: 'probed',
      script: './idle.js',
      liveness: {
        exec: { command: ['sh', '-c', `${PRINT_LINE} >&2; exit 1`] },
        period: '100ms',
        failure_threshold: 1_000,
      },
      hooks: { post_start: { command: ['sh', '-c', `${PRINT_LINE} >&2; exit 1`] } },
    },
    { ...common, name: 'crashing', script: './crash.js', max_restarts: 1 },
  );
  daemon = spawn(process.execPath, [BIN, 'daemon', 'run'], {
    cwd: host.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      STATEWARD_HOME: host.home,
      PATH: `${join(host.folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      OF_THE_DAEMON: plant('from_env'),
      CREDENTIALS_DIRECTORY: join(host.folder, 'credentials'),
    },
  });
  for (const stream of [daemon.stdout, daemon.stderr]) {
    stream?.on('data', (chunk: Buffer) => said.push({ command: 'daemon run', text: chunk.toString() }));
  }
  await eventually(async () => (await host.run(['daemon', 'status'])).code === 0);
  write('append.sh', '#!/bin/sh\n{ cat; env; } >> received\n', 0o755);
  write(
    'notify.yaml',
    stringify({
      receivers: [
        { name: 'file', exec: { command: ['./append.sh'] }, rules: [{ reasons: ['*'] }], group: '50ms' },
      ],
    }),
  );
  await run('notify', 'apply', '-f', 'notify.yaml');
  for (const args of [['validate'], ['plan'], ['diff'], ['apply', '--timeout', '5s']]) await run(...args);
  await eventually(async () => {
    const text = await run('events');
    return /probed/.test(text) && /crashing/.test(text);
  });
}, 60_000);
afterAll(async () => {
  const ended = once(daemon, 'exit');
  await host[Symbol.asyncDispose]();
  daemon.kill('SIGTERM');
  await ended;
});

describe('a value that is read from elsewhere', () => {
  it('is in the environment of its process, of each kind, and no program was run for less', async () => {
    const [pid] = (await host.pids())['idle'] ?? [];
    const environment = environmentOf(pid ?? 0);
    expect(Object.keys(ENV).map((name) => environment[name])).toEqual(
      SOURCE_KINDS.map((kind) => canaries.get(kind)),
    );
  });

  it('is in no output of a command that reads, though the apps print it', async () => {
    for (const name of ['idle', 'probed', 'crashing']) {
      for (const args of [
        ['describe', name],
        ['why', name],
        ['describe', name, '-o', 'json'],
        ['env', name],
      ]) {
        await run(...args);
      }
    }
    for (const line of [
      'get -o wide',
      'get -o json',
      'get -o yaml',
      'export shop',
      'events -o json',
      'history shop',
    ]) {
      await run(...line.split(' '));
    }
    for (const line of ['history shop -o json', 'plan -o json', 'diff', 'doctor', 'snapshot', 'health all']) {
      await run(...line.split(' '));
    }
    expect(await run('why', 'crashing')).toContain('cannot log in with <redacted>');
    expect(leaking()).toEqual([]);
  });

  it('is in no output of a rotation, neither the old nor the new one', async () => {
    const from = said.length;
    canaries.set('from_file before', canaries.get('from_file') ?? '');
    write('secrets/file', plant('from_file'));
    expect(await run('plan')).toContain('env.FILE_VALUE rotated');
    for (const line of [
      'plan -o json',
      'diff',
      'get -o json',
      'why idle',
      'apply --timeout 5s',
      'events',
      'restart idle',
    ]) {
      await run(...line.split(' '));
    }
    expect(environmentOf((await host.pids())['idle']?.[0] ?? 0)['FILE_VALUE']).toBe(
      canaries.get('from_file'),
    );
    expect(leaking(from)).toEqual([]);
  });

  it('is in no argument of any process, and in no file of the home but what the app has written', () => {
    expect(leaks(spawnSync('ps', ['-eww', '-o', 'args='], { encoding: 'utf8' }).stdout)).toEqual([]);
    const found = readdirSync(host.home, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => leaks(readFileSync(path, 'utf8')).length > 0)
      .map((path) => path.slice(host.home.length + 1));
    // A hook writes where its app does.
    expect(found).toEqual(['logs/shop/crashing-error.log', 'logs/shop/probed-error.log']);
    expect(statSync(join(host.home, 'secret.key')).mode & 0o777).toBe(0o600);
  });

  it('is in no output after the controller was killed, which has read it and nobody else', async () => {
    const from = said.length;
    const { controller } = await host.daemon();
    process.kill(controller?.pid ?? 0, 'SIGKILL');
    await eventually(async () => {
      const status = await host.run(['daemon', 'status', '-o', 'json']);
      return status.code === 0 && !status.stdout.includes(`"pid": ${controller?.pid},\n`);
    });
    // It may have been started again, and not have crashed yet.
    await eventually(async () =>
      (await run('why', 'crashing')).includes('cannot log in with <redacted> <redacted>'),
    );
    for (const line of ['describe crashing', 'why probed', 'events', 'snapshot'])
      await run(...line.split(' '));
    expect(leaking(from)).toEqual([]);
  });

  it('is in no notification, nor in the environment of the command that takes it', async () => {
    const received = (): string => {
      try {
        return readFileSync(join(host.folder, 'received'), 'utf8');
      } catch {
        return '';
      }
    };
    await eventually(() => /crashing/.test(received()) && /probed/.test(received()));
    expect(leaks(received())).toEqual([]);
  });

  it('is in no answer of the API', () => {
    for (const path of [
      'apps',
      'apps?spec=full',
      'status',
      'events',
      'projects',
      'projects/shop/revisions',
    ]) {
      const socket = join(host.home, 'run/api.sock');
      const { stdout } = spawnSync('curl', ['-s', '--unix-socket', socket, `http://x/v1/${path}`], {
        encoding: 'utf8',
      });
      expect(stdout).not.toBe('');
      expect([path, leaks(stdout)]).toEqual([path, []]);
    }
  });
});
