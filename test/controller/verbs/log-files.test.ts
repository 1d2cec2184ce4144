import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FlushResponse } from '../../../src/api/contract/wire/log-files.ts';
import type { flushLogs } from '../../../src/controller/verbs/log-files.ts';
import { reopenLogs } from '../../../src/controller/verbs/log-files.ts';
import { err } from '../../../src/lib/result.ts';
import { eventually } from '../../support/eventually.ts';
import { Host } from '../../support/host.ts';

const host = new Host();
const inProject = (name: string): string => join(host.folder, name);
const log = inProject('web.log');
const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0);

beforeAll(async () => {
  // Slower once there are files to look at: see `early`.
  const speak = `(!require('fs').existsSync('calm') || ++n % 50 === 0) && console.log('x'.repeat(99))`;
  host.write('talk.js', `let n = 0; setInterval(() => ${speak}, 5)`);
  host.write('done.js', `console.log('that is all')`);
  writeFileSync(inProject('elsewhere'), 'not ours\n');
  symlinkSync(inProject('elsewhere'), inProject('link.log'));
  const rotate = { size: '2K', keep: 2 };
  host.declare(
    { name: 'web', script: './talk.js', out_file: log, log_rotate: rotate },
    { name: 'mail', script: './talk.js', out_file: inProject('both.log'), log_rotate: false },
    { name: 'post', script: './talk.js', out_file: inProject('both.log'), log_rotate: false },
    { name: 'once', script: './done.js', autorestart: false },
    { name: 'linked', script: './talk.js', out_file: inProject('link.log') },
  );
  await host.run(['apply', '--no-wait']);
  await eventually(() => existsSync(`${log}.2`) && sizeOf(inProject('both.log')) > 1_000);
  host.write('calm', '');
}, 60_000);
afterAll(() => host[Symbol.asyncDispose]());

async function flush(...words: readonly string[]): Promise<FlushResponse> {
  const { stdout } = await host.run(['flush', ...words, '-o', 'json']);
  return JSON.parse(stdout) as FlushResponse;
}

/** Waits until it is long before the log is rotated again: during a rotation there is a file less. */
async function early(): Promise<void> {
  await eventually(() => sizeOf(log) > 0 && sizeOf(log) < 1_000 && existsSync(`${log}.2`));
}

describe('flush', () => {
  it('empties what an app writes to while it writes, and leaves rotated files', async () => {
    await early();
    const inodeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino;
    const inode = inodeOf(log);
    const { stdout, code } = await host.run(['flush', 'web']);
    expect(code).toBe(0);
    expect(stdout).toContain(`shop/web  emptied ${log} (`);
    expect(stdout).toMatch(/2 rotated files \(.*\) left: --rotated removes them too\n$/);
    expect(existsSync(`${log}.1`)).toBe(true);
    await eventually(() => inodeOf(log) !== inode || sizeOf(log) > 0);
    expect((await host.run(['events', 'web'])).stdout).toMatch(/LogsEmptied: \S+ emptied 2 log files\n/);
  });

  it('removes rotated files on request', async () => {
    await early();
    const { files } = await flush('web', '--rotated');
    expect(files.find(({ path }) => path === log)).toMatchObject({ rotatedFiles: 2, skipped: null });
  });

  it('says whose lines are in a file that it empties', async () => {
    const { files } = await flush('mail');
    const both = files.find(({ path }) => path === inProject('both.log'));
    expect(both).toMatchObject({ apps: ['shop/mail'], others: ['shop/post'], skipped: null });
    expect(both?.bytes).toBeGreaterThan(1_000);
    expect((await host.run(['flush', 'post'])).stdout).toMatch(/both\.log \(.*, lines of shop\/mail too\)/);
  });

  it('empties the files of an app that does not run', async () => {
    await eventually(() => readdirSync(join(host.home, 'logs/shop')).includes('once-out.log'));
    const out = join(host.home, 'logs/shop/once-out.log');
    await eventually(() => sizeOf(out) > 0);
    await flush('once');
    expect(sizeOf(out)).toBe(0);
  });

  it('leaves a link and what it leads to alone, says so, and fails', async () => {
    const { code, stdout } = await host.run(['flush', 'linked']);
    expect(code).toBe(1);
    expect(stdout).toContain(`not emptied: ${inProject('link.log')}: it is a link or no file`);
    expect(readFileSync(inProject('elsewhere'), 'utf8').startsWith('not ours\n')).toBe(true);
    expect(lstatSync(inProject('link.log')).isSymbolicLink()).toBe(true);
  });

  it('without a name is for all, as in PM2', async () => {
    const { files } = await flush();
    expect(new Set(files.flatMap(({ apps }) => apps)).size).toBe(5);
    expect((await host.run(['flush', 'nope'])).code).toBe(1);
  });
});

describe('reload-logs', () => {
  it.each(['reload-logs', 'reloadLogs'])(
    'has lines go to a new file after another program renamed it: %s',
    async (word) => {
      const both = inProject('both.log');
      renameSync(both, `${both}.old`);
      expect(await host.run([word])).toMatchObject({ code: 0, stdout: 'log files are reopened\n' });
      await eventually(() => sizeOf(both) > 0);
    },
  );
});

describe('a runner that is older', () => {
  it('is named, with the way out', async () => {
    const unsupported = () =>
      Promise.resolve(err({ code: 'unsupported' as const, message: 'unknown request' }));
    const context = {
      store: { desired: () => [], appendEvent: () => undefined },
      driver: { flushLogs: unsupported, reopenLogs: unsupported },
    } as unknown as Parameters<typeof flushLogs>[1];
    const failure = {
      ok: false,
      error: { code: 'RUNNER_OLDER', hint: expect.stringContaining('daemon upgrade') as string },
    };
    expect(await reopenLogs({ by: 'me' }, context)).toMatchObject(failure);
  });
});
