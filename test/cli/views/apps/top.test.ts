import { describe, expect, it } from 'vitest';
import { createStyle } from '../../../../src/cli/views/text/terminal.ts';
import { processesOf, renderTop } from '../../../../src/cli/views/apps/top.ts';
import { NOW_MS, app, instance } from '../../support/fixtures.ts';

const apps = [
  app('api', {
    instances: [
      instance({ pid: 1, cpuPercent: 12, memoryBytes: 100 * 1024 ** 2 }),
      instance({ pid: 2, slot: 1, cpuPercent: 80.4, memoryBytes: 50 * 1024 ** 2 }),
      instance({ pid: null, slot: 2, cpuPercent: null, memoryBytes: null }),
    ],
  }),
  app('db', { instances: [instance({ pid: 3, cpuPercent: null, memoryBytes: null })] }),
];
const plain = { style: createStyle(false), nowMs: NOW_MS, noHeaders: false };

describe('the table of top', () => {
  it('has a line a process, those that use the most first, and their sum', () => {
    expect(renderTop(processesOf(apps, 'cpu'), plain)).toBe(
      [
        'APP       SLOT  PID  CPU  MEM   UPTIME',
        'shop/api  1     2    80%  50M   60m',
        'shop/api  0     1    12%  100M  60m',
        'shop/db   0     3    -    -     60m',
        'sum             3    92%  150M',
        '',
      ].join('\n'),
    );
    expect(processesOf(apps, 'memory').map(({ pid }) => pid)).toEqual([1, 2, 3]);
  });

  it('leaves header and sum out for programs, and says nothing about nothing', () => {
    expect(renderTop(processesOf(apps, 'cpu'), { ...plain, noHeaders: true })).toMatch(
      /^shop\/api .*\n.*\n.*60m\n$/,
    );
    expect(renderTop([], plain)).toBe('');
  });
});
