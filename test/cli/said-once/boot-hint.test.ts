import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DaemonStatus } from '../../../src/api/contract/wire/daemon.ts';
import { BOOT_HINT, sayBootHint, type BootHintOptions } from '../../../src/cli/said-once/boot-hint.ts';
import { ok } from '../../../src/lib/result.ts';

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'swhint-'));
});
afterEach(() => rm(cache, { recursive: true, force: true }));

interface Given extends Partial<Omit<BootHintOptions, 'context'>> {
  readonly isTTY?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly supervised?: true;
}

/** What is said on a host of systemd on which nothing starts the home, as far as nothing else is given. */
async function said({ isTTY = true, env = {}, supervised, ...options }: Given = {}): Promise<string> {
  let text = '';
  const stderr = { isTTY, write: (more: string | Uint8Array) => (text += String(more)) };
  const controller = { pid: 2 ** 22 + 1, version: '1', uptimeMs: 1, ...(supervised && { supervised }) };
  const status: DaemonStatus = { controller, runner: null, home: '/h', socket: '/h/run/api.sock' };
  await sayBootHint({
    home: '/h',
    context: { streams: { stdout: stderr, stderr }, env: { XDG_CACHE_HOME: cache, ...env } },
    api: { status: () => Promise.resolve(ok(status)) },
    init: 'systemd',
    isStarted: () => false,
    ...options,
  });
  return text;
}

describe('the hint that nothing starts a home at boot', () => {
  it('is said once for each home', async () => {
    expect(await said()).toBe(`${BOOT_HINT}\n`);
    expect(await said()).toBe('');
    expect(await said({ home: '/other' })).toBe(`${BOOT_HINT}\n`);
    expect(await said({ home: '/other' })).toBe('');
  });

  it.each<[string, Given]>([
    ['in a pipe', { isTTY: false }],
    ['in CI', { env: { CI: 'true' } }],
    ['where no init system is known, as in a container', { init: null }],
    ['where a service starts the home', { isStarted: () => true }],
    ['where somebody else keeps the daemon up', { supervised: true }],
    ['where it cannot be remembered', { env: { XDG_CACHE_HOME: '/proc/no-such-folder' } }],
  ])('is not said %s', async (_where, given) => {
    expect(await said(given)).toBe('');
  });

  it('is said later, where it was not said for want of a reason', async () => {
    expect(await said({ isStarted: () => true })).toBe('');
    expect(await said()).toBe(`${BOOT_HINT}\n`);
  });
});
