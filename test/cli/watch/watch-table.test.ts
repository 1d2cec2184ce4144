import { describe, expect, it } from 'vitest';
import { changedRows } from '../../../src/cli/watch/changed-rows.ts';
import { liveTable } from '../../../src/cli/watch/live-table.ts';
import { createStyle } from '../../../src/cli/views/text/terminal.ts';
import { NOW_MS, app, appList, instance } from '../support/fixtures.ts';

const table = { style: createStyle(false), nowMs: NOW_MS, noHeaders: false, wide: false };
const broken = { health: 'CrashLoop', readyInstances: 0, why: 'exited with code 1' } as const;

describe('get -w in a pipe', () => {
  it('prints the table, and then a line for each real change', () => {
    const rows = changedRows(table);
    const first = rows(appList(app('api'), app('web'))).text.split('\n');
    expect(first[0]).toMatch(/^ID +NAME +SYNC +HEALTH .*WHY$/);
    expect(first).toHaveLength(4);
    const busy = { instances: [instance({ cpuPercent: 99, memoryBytes: 1 })] };
    expect(rows(appList(app('api', busy), app('web'))).text).toBe('');
    const changed = rows(appList(app('api'), app('web', broken))).text;
    expect(changed).toMatch(/^0 +web +Synced +CrashLoop +0\/1 .*exited with code 1\n$/);
    expect(rows(appList(app('api')))).toEqual({ text: '', gone: ['shop/web'] });
  });

  it('tells a lost promise once', () => {
    const rows = changedRows(table);
    const problem = { type: 'Logs', reason: 'LogsLost', message: 'cannot write', since: '' } as never;
    const lost = app('api', { problems: [problem] });
    expect(rows(appList(lost)).text).toContain('! api: cannot write (LogsLost)');
    expect(rows(appList(lost, app('web'))).text).not.toContain('!');
  });

  it('has the lines of all instances of an app that has changed in the wide form', () => {
    const rows = changedRows({ ...table, wide: true });
    const two = (ready: boolean) =>
      app('api', { instances: [instance(), instance({ id: 1, slot: 1, ready })] });
    rows(appList(two(false), app('web')));
    expect(rows(appList(two(true), app('web'))).text.match(/api/g)).toHaveLength(2);
  });
});

describe('get -w on a terminal', () => {
  it('is the table where it fits', () => {
    expect(liveTable(appList(app('api')), table, { columns: 80, rows: 23 })).toHaveLength(2);
    expect(liveTable(appList(), table, { columns: 80, rows: 23 })).toEqual(['no apps']);
  });

  it('keeps those that need somebody to look, and says how many there are besides', () => {
    const apps = Array.from({ length: 50 }, (_, at) => app(`app${at}`, at === 49 ? broken : {}));
    const lines = liveTable(appList(...apps), table, { columns: 80, rows: 10 });
    expect(lines.length).toBeLessThanOrEqual(10);
    expect(lines.some((line) => line.includes('app49'))).toBe(true);
    expect(lines.at(-1)).toBe('… and 42 more apps');
  });

  it('is as high as the terminal however small that is', () => {
    const apps = Array.from({ length: 5 }, (_, at) => app(`app${at}`, broken));
    for (const rows of [1, 2, 3, 4]) {
      expect(liveTable(appList(...apps), table, { columns: 80, rows }).length).toBeLessThanOrEqual(rows);
    }
  });
});
