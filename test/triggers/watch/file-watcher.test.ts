import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/lib/clocks/clock.ts';
import { AppWatch, type WatchState } from '../../../src/triggers/watch/app-watch.ts';
import { openFileWatcher } from '../../../src/triggers/watch/file-watcher.ts';
import { eventually } from '../../support/eventually.ts';

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

/** A real folder, really watched: `details` are the restarts that would be asked for. */
async function realWatch(paths: readonly string[], delayMs = 150, open = openFileWatcher) {
  const folder = mkdtempSync(join(tmpdir(), 'stw-watch-'));
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'src/a.js'), '1');
  const details: string[] = [];
  const states: WatchState[] = [];
  const watch = new AppWatch({
    clock: systemClock,
    open,
    settings: {
      cwd: folder,
      paths,
      ignore: [],
      ownPaths: [],
      delayMs,
      polling: false,
      intervalMs: 100,
      followSymlinks: true,
      depth: null,
    },
    onChanged: (detail) => details.push(detail),
    onState: (state) => states.push(state),
  });
  cleanUps.push(() => {
    watch.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await eventually(() => states.length > 0);
  return { at: (path: string) => join(folder, path), details, states };
}

describe('real files', () => {
  it('are noticed when they are written, also through a file that is renamed over them', async () => {
    const { at, details } = await realWatch(['src']);
    writeFileSync(at('src/a.js'), '22');
    await eventually(() => details.length === 1);
    writeFileSync(at('src/.a.js.swp'), 'x');
    writeFileSync(at('src/a.js.tmp'), '333');
    renameSync(at('src/a.js.tmp'), at('src/a.js'));
    unlinkSync(at('src/.a.js.swp'));
    await eventually(() => details.length === 2);
    writeFileSync(at('src/a.js'), '4444');
    await eventually(() => details.length === 3);
    expect(details).toEqual(['src/a.js changed', 'src/a.js changed', 'src/a.js changed']);
  });

  it('are noticed when they are written before everything is watched', async () => {
    const { details } = await realWatch(['src'], 150, async (options) => {
      const file = join(options.cwd, 'src/a.js');
      // Kernels stamp files with the time of their last tick.
      await eventually(() => {
        writeFileSync(file, '22');
        return statSync(file).ctimeMs >= options.changedSince;
      });
      return openFileWatcher(options);
    });
    await eventually(() => details.length === 1);
    expect(details).toEqual(['src/a.js changed']);
  });

  it('are one change when a thousand of them are written at once', async () => {
    const { at, details } = await realWatch([], 3_000);
    mkdirSync(at('lib'));
    for (let file = 0; file < 1_000; file++) writeFileSync(at(`lib/${file}.js`), 'x');
    await eventually(() => details.length > 0);
    expect(details).toHaveLength(1);
    expect(details[0]).toMatch(/^lib\S* changed \(and (?:999|1000) more\)$/);
  });

  it('are watched on in a folder that was removed and made again', async () => {
    const { at, details } = await realWatch(['src']);
    rmSync(at('src'), { recursive: true });
    mkdirSync(at('src'));
    writeFileSync(at('src/a.js'), 'anew');
    await eventually(() => details.length === 1);
    writeFileSync(at('src/b.js'), 'x');
    await eventually(() => details.length === 2);
    expect(details[1]).toBe('src/b.js changed');
  });

  it('are watched as soon as a folder is there that was missing', async () => {
    const { at, details, states } = await realWatch(['later/**/*.js']);
    expect(states).toEqual([{ kind: 'watching', missing: [at('later')] }]);
    mkdirSync(at('later'));
    await eventually(() => details.length === 1);
    writeFileSync(at('later/a.js'), 'x');
    await eventually(() => details.length === 2);
    expect(details).toEqual(['later changed', 'later/a.js changed']);
  });
});
