import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { browserOpener, openAddress, tunnelLine } from '../../../src/cli/dash/open-browser.ts';
import { BIN, Host } from '../../support/host.ts';
import { temporaryFolder } from '../../api/serving.ts';

test('dash serves the API of the daemon to whoever has its link, until Ctrl-C', async () => {
  await using host = new Host();
  await host.run(['daemon', 'start']);
  const child = spawn(process.execPath, [BIN, 'dash', '--print', '--write'], {
    env: { ...process.env, STATEWARD_HOME: host.home, SSH_CONNECTION: '10.0.0.9 5555 10.0.0.1 2222' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { origin, hash, port } = new URL(line);
  expect(line).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=stl_[\w-]{43}$/);
  const headers = { origin, 'content-type': 'application/json' };
  const body = JSON.stringify({ token: hash.slice('#token='.length) });
  const session = await fetch(`${origin}/session`, { method: 'POST', headers, body });
  const { csrf, access } = (await session.json()) as { csrf: string; access: string };
  expect(access).toBe('write');
  const cookie = session.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
  const ask = (path: string, more: RequestInit = {}): Promise<Response> =>
    fetch(`${origin}${path}`, {
      ...more,
      headers: { ...headers, cookie, 'x-stateward-csrf': csrf, ...(more.headers as Record<string, string>) },
    });
  expect(await (await ask('/v1/status')).json()).toMatchObject({ home: host.home });
  const freeze = { projects: null, reason: 'a try', forMs: null, allow: [], by: 'mallory' };
  const frozen = await ask('/v1/freezes', { method: 'POST', body: JSON.stringify(freeze) });
  expect(frozen.status).toBe(200);
  expect(await frozen.text()).toMatch(/"by":"[^"]+ \(dash\)"/);
  const reading = new AbortController();
  const stream = await ask('/v1/apps?watch=true', { signal: reading.signal });
  expect(stream.headers.get('content-type')).toBe('text/event-stream');
  reading.abort();
  expect((await ask('/v1/daemon/stop', { method: 'POST', body: '{"all":true}' })).status).toBe(403);
  await host.run(['daemon', 'stop']);
  expect((await ask('/v1/status')).status).toBe(503);
  child.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
  expect(said).toContain(`ssh -N -L ${port}:127.0.0.1:${port} -p 2222`);
});

test('dash needs a daemon, and says how to have one', async () => {
  await using host = new Host();
  const ran = await host.run(['dash', '--print']);
  expect([ran.code, ran.stdout]).toEqual([69, '']);
});

test('a link is opened where somebody sees it, and is in no arguments', async () => {
  expect(browserOpener({ DISPLAY: ':0' }, 'linux')).toBe('xdg-open');
  expect(browserOpener({}, 'linux')).toBeNull();
  expect(browserOpener({ DISPLAY: ':0', SSH_CONNECTION: 'a 1 b 22' }, 'linux')).toBeNull();
  expect(browserOpener({}, 'darwin')).toBe('open');
  expect(tunnelLine({}, 9095, 'alice')).toBeNull();
  expect(tunnelLine({ SSH_CONNECTION: 'a 1 b 22' }, 9095, 'alice')).toBe(
    'ssh -N -L 9095:127.0.0.1:9095 alice@b',
  );
  const file = join(temporaryFolder(), 'dash.html');
  const failed = new Promise<void>((resolve) => {
    openAddress('/nonexistent/xdg-open', { url: 'http://127.0.0.1:1/#token=x', file, onFailure: resolve });
  });
  await failed;
  expect(readFileSync(file, 'utf8')).toContain('content="0;url=http://127.0.0.1:1/#token=x"');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});
