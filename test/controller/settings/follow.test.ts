import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSettings } from '../../../src/config/settings/read-settings.ts';
import { readKept } from '../../../src/controller/settings/kept-settings.ts';
import type { ReadApart } from '../../../src/controller/settings/read-apart.ts';
import { SettingsBook } from '../../../src/controller/settings/settings-book.ts';
import { SettingsWatch, type SettingsNews } from '../../../src/controller/settings/settings-watch.ts';
import { settingChanges } from '../../../src/home/settings/setting-changes.ts';
import { systemClock } from '../../../src/lib/clocks/clock.ts';
import { temporaryFolder } from '../../state/folder.ts';

/** A home with a config.yaml that is looked at when it is asked for; `again`: a controller that comes after this one. */
async function rig(home = temporaryFolder()) {
  const path = join(home, 'config.yaml');
  const keptPath = join(home, 'state', 'settings.json');
  mkdirSync(join(home, 'state'), { recursive: true });
  const none = { values: {}, places: {}, hash: null, takenAt: 0 };
  const errors: unknown[] = [];
  const kept = await readKept(keptPath, { home, now: 0, repair: true, log: (line) => errors.push(line) });
  const book = new SettingsBook(home, kept ?? none, (error) => errors.push(error));
  const told: string[] = [];
  let reads = 0;
  let answer: (() => ReadApart) | null = null;
  const say = (news: SettingsNews): void => {
    if (news.kind === 'broken') told.push(`broken ${news.failures[0]?.message}`);
    else
      told.push(
        `${news.mended ? 'mended ' : ''}${settingChanges(news.before.values, news.after.values).join('; ')}`,
      );
  };
  const watch = new SettingsWatch({
    ...{ path, keptPath, book, clock: systemClock, told: say },
    read: (bytes) => {
      reads += 1;
      return Promise.resolve(answer?.() ?? readSettings(bytes, { shown: path, home }));
    },
    log: (line) => errors.push(line),
    onError: (error) => errors.push(error),
  });
  return {
    ...{ home, path, keptPath, book, watch, told, errors },
    reads: () => reads,
    answerWith: (give: (() => ReadApart) | null) => (answer = give),
    write: (text: string) => writeFileSync(path, text),
    builds: () => book.now.limits.builds,
    again: () => rig(home),
  };
}

describe('settings of a home', () => {
  it('are taken over, also where an editor replaces the file, and defaults again when it is gone', async () => {
    const { write, watch, builds, told, home, path } = await rig();
    await watch.look();
    expect([builds(), told]).toEqual([4, []]);
    write('limits: { builds: 2 }');
    await watch.look();
    expect(builds()).toBe(2);
    writeFileSync(join(home, '4913'), 'limits: { builds: 3 }');
    renameSync(join(home, '4913'), path);
    await watch.look();
    expect(builds()).toBe(3);
    rmSync(path);
    await watch.look();
    expect(builds()).toBe(4);
    expect(told).toEqual(['limits.builds: 4 → 2', 'limits.builds: 2 → 3', 'limits.builds: 3 → 4']);
  });

  it('stay what they were while the file is broken, also for the next controller', async () => {
    const first = await rig();
    first.write('limits: { builds: 2 }');
    await first.watch.look();
    first.write('limits: { builds: two }');
    await first.watch.look();
    await first.watch.look();
    expect(first.builds()).toBe(2);
    expect(first.book.trouble.broken).toMatchObject([
      { code: 'CONFIG_WRONG_TYPE', position: { line: 1, column: 19 } },
    ]);
    const second = await first.again();
    await second.watch.look();
    expect(second.builds()).toBe(2);
    expect(second.book.trouble.broken).toHaveLength(1);
    second.write('limits: { builds: 2 }');
    await second.watch.look();
    expect(second.book.trouble.broken).toEqual([]);
    second.write('limits: { builds: 5 }\n# a comment\n');
    await second.watch.look();
    expect([...first.told, ...second.told]).toEqual([
      'limits.builds: 4 → 2',
      'broken limits.builds: "two" is not an integer',
      'broken limits.builds: "two" is not an integer',
      'mended ',
      'limits.builds: 2 → 5',
    ]);
  });

  it('cost no reading where the file is as it was taken over', async () => {
    const first = await rig();
    first.write('limits: { builds: 2 }');
    await first.watch.look();
    const second = await first.again();
    await second.watch.look();
    await second.watch.look();
    expect([second.builds(), second.reads(), second.told]).toEqual([2, 0, []]);
  });

  it('are tried again where they could not be read through no fault of theirs', async () => {
    const { write, watch, answerWith, builds, told } = await rig();
    const failure = { code: 'CONFIG_UNREADABLE', message: 'no answer' } as const;
    answerWith(() => ({ ok: false, failures: [failure], passing: true }));
    write('limits: { builds: 2 }');
    await watch.look();
    await watch.look();
    expect(told).toEqual(['broken no answer']);
    answerWith(null);
    await watch.look();
    expect([builds(), told]).toEqual([2, ['broken no answer', 'mended limits.builds: 4 → 2']]);
  });

  it('are not those of anything else that has the name of the file', async () => {
    const { home, path, watch, told, write, builds } = await rig();
    write('limits: { builds: 2 }');
    await watch.look();
    rmSync(path);
    mkdirSync(path);
    await watch.look();
    rmSync(path, { recursive: true });
    symlinkSync(join(home, 'nowhere'), path);
    await watch.look();
    rmSync(path);
    write('x'.repeat(300 * 1024));
    await watch.look();
    expect(builds()).toBe(2);
    expect(told.slice(1)).toEqual([
      expect.stringMatching(/^broken .*config\.yaml is no regular file$/),
      expect.stringMatching(/^broken cannot read .*: ENOENT$/),
      expect.stringMatching(/^broken .* is larger than 256 KB$/),
    ]);
  });

  it('are kept in memory where the disk does not take them', async () => {
    if (process.getuid?.() === 0) return;
    const { write, watch, builds, home, errors } = await rig();
    chmodSync(join(home, 'state'), 0o500);
    write('limits: { builds: 2 }');
    await watch.look();
    chmodSync(join(home, 'state'), 0o700);
    expect(builds()).toBe(2);
    expect(errors).toEqual([expect.stringContaining('settings: cannot be kept')]);
  });
});

describe('who follows settings', () => {
  it('is told of changes of its part alone, and is waited for', async () => {
    const { book, write, watch } = await rig();
    const told: string[] = [];
    const builds = book.select(({ limits }) => limits.builds);
    const end = builds.onChange(() => told.push(`builds ${builds.now}`));
    book.follow(async ({ http }, before) => {
      await new Promise((resolve) => setImmediate(resolve));
      told.push(`hosts ${before.http.hosts.length} → ${http.hosts.length}`);
    });
    write('http: { hosts: [a.example.com] }');
    await watch.look();
    expect(told).toEqual(['hosts 0 → 1']);
    write('limits: { builds: 2 }');
    await watch.look();
    expect(told.slice(1)).toEqual(['builds 2', 'hosts 1 → 0']);
    end();
    write('limits: { builds: 3 }');
    await watch.look();
    expect(told.slice(3)).toEqual(['hosts 0 → 0']);
  });

  it('keeps nobody else from them by failing, and says what it cannot follow', async () => {
    const { book, write, watch, errors, builds } = await rig();
    book.follow(() => {
      throw new Error('no');
    });
    const failure = { code: 'CONFLICT', message: 'http.listen: 127.0.0.1:80 is taken' } as const;
    const told: unknown[] = [];
    book.onReport(({ part, failure: what }) => told.push([part, what?.message ?? null]));
    book.follow(() => book.report('http', failure));
    write('limits: { builds: 2 }');
    await watch.look();
    expect(builds()).toBe(2);
    expect(errors).toEqual([new Error('no')]);
    expect(book.trouble).toEqual({ broken: [], unfollowed: [failure] });
    book.report('http', null);
    book.report('http', null);
    expect(book.trouble.unfollowed).toEqual([]);
    expect(told).toEqual([
      ['http', 'http.listen: 127.0.0.1:80 is taken'],
      ['http', null],
    ]);
  });
});
