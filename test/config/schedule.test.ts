import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cronProblem } from '../../src/spec/cron-text.ts';
import { loadTimetables } from '../../src/triggers/schedule/timetable.ts';
import { failuresOf, projectFolder } from './support/project-folder.ts';

async function messages(app: string): Promise<readonly string[]> {
  await using folder = await projectFolder({
    'ecosystem.yaml': `apps:\n  - { name: job, script: ./api.js, ${app} }\n`,
    'api.js': '',
  });
  const loaded = await folder.load();
  if (loaded.ok) return [];
  return failuresOf(loaded).map(({ message, position }) => `${position?.line ?? 0}: ${message}`);
}

describe('a schedule in a file', () => {
  it('is taken with what fits it', async () => {
    expect(await messages('schedule: "*/5 * * * *", autorestart: false, concurrency: allow')).toEqual([]);
    expect(await messages('cron_restart: "@daily", cron_timezone: Europe/Berlin')).toEqual([]);
  });

  it.each([
    ['schedule: "* * * *"', '5 or 6 fields'],
    ['schedule: "@hourly", autorestart: true', 'not restarted when it ends'],
    ['schedule: "@hourly", instances: 2', 'has 1 instance'],
    ['schedule: "@hourly", cron_restart: "@daily"', 'not restarted on a schedule'],
    ['cron_restart: "@daily", cron_timezone: Mars/Olympus', 'is not a time zone'],
    ['cron_restart: "0 0 30 2 *"', 'has a day'],
  ])('%s is refused at its place', async (app, message) => {
    expect(await messages(app)).toMatchObject([expect.stringMatching(new RegExp(`^2: .*${message}`))]);
  });
});

describe('an expression that validation takes', () => {
  const number = (max: number, min = 0) => fc.integer({ min, max });
  const item = (min: number, max: number) =>
    fc.oneof(
      fc.constant('*'),
      number(max, min).map(String),
      fc.tuple(number(max, min), number(max, min)).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
      fc.tuple(number(max, min), number(20, 1)).map(([a, step]) => `${a}/${step}`),
      number(70, 1).map((step) => `*/${step}`),
      fc.constantFrom('?', 'L', 'H', '1#2', '5L', 'MON', 'feb'),
    );
  const field = (min: number, max: number) =>
    fc.array(item(min, max), { minLength: 1, maxLength: 2 }).map((items) => items.join(','));
  const expression = fc.tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7));

  it('can be read by what runs it', async () => {
    const read = await loadTimetables();
    fc.assert(
      fc.property(expression, (fields) => {
        const text = fields.join(' ');
        if (cronProblem(text) !== null) return;
        expect(read({ expression: text, timezone: 'UTC', seed: 'a' }).next(Date.UTC(2026, 0))).not.toBeNull();
      }),
      { numRuns: 2_000 },
    );
  });
});
