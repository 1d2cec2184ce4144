import { describe, expect, it } from 'vitest';
import { needsAttention, parseOrder, SORT_KEYS, sortApps } from '../../../../src/cli/views/apps/app-order.ts';
import { app, instance } from '../../support/fixtures.ts';

const problem = { type: 'Logging', reason: 'LogWriteFailed', message: 'full', since: '2026-01-01' } as const;
const apps = [
  app('a', { instances: [instance({ id: 4, restarts: 1, cpuPercent: 5, memoryBytes: 10 })] }),
  app('b', { health: 'Stopped', instances: [] }),
  app('c', {
    problems: [problem],
    instances: [
      instance({ id: 3, restarts: 2, cpuPercent: 1, memoryBytes: 5, startedAt: '2026-01-01T11:30:00.000Z' }),
      instance({ id: 2, restarts: 2, cpuPercent: null, memoryBytes: 20, startedAt: null }),
    ],
  }),
  app('d', {
    health: 'Failed',
    instances: [instance({ id: 1, pid: null, cpuPercent: null, memoryBytes: null })],
  }),
  app('e', {
    health: 'Progressing',
    sync: 'OutOfSync',
    instances: [instance({ id: 0, cpuPercent: 2, memoryBytes: 1 })],
  }),
];
const names = (sorted: typeof apps | ReturnType<typeof sortApps>): string =>
  sorted.map(({ name }) => name).join('');

describe('the order of apps', () => {
  it.each([
    ['health', 'decab'],
    ['name', 'abcde'],
    ['id', 'edcab'],
    ['restarts', 'cabde'],
    ['cpu', 'aecbd'],
    ['memory', 'caebd'],
    ['uptime', 'caebd'],
  ] as const)('by %s is %s', (key, order) => {
    expect(SORT_KEYS).toContain(key);
    expect(names(sortApps(apps.toReversed(), { key }))).toBe(order);
  });

  it.each([
    ['name:desc', 'edcba'],
    ['name:asc', 'abcde'],
    ['cpu:asc', 'bdcea'],
    ['cpu:desc', 'aecbd'],
    ['id:desc', 'bacde'],
  ])('reads %s', (text, order) => {
    const read = parseOrder(text);
    expect(read !== null && names(sortApps(apps, read))).toBe(order);
  });

  it.each(['', 'nme', 'name:', 'name:up', 'name:asc:desc', ':asc'])('does not read %j', (text) =>
    expect(parseOrder(text)).toBeNull(),
  );

  it('knows what somebody should look at', () => {
    expect(names(apps.filter(needsAttention))).toBe('cde');
    expect(needsAttention(app('f', { sync: 'OutOfSync' }))).toBe(true);
  });
});
