import { describe, expect, it } from 'vitest';
import { waiting, type Progress } from '../../../src/api/contract/progress/progress.ts';
import type { AppKey } from '../../../src/lib/app-key.ts';
import { progressDisplay, progressRows } from '../../../src/cli/wait/progress-display.ts';
import { createStyle } from '../../../src/cli/views/text/terminal.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { createScreen } from '../support/screen.ts';

const style = createStyle(false);
const done: Progress = { state: 'done', text: 'Healthy, 1/1 ready' };
const failed: Progress = { state: 'failed', text: 'Failed: exited with code 1' };

function display(columns?: number, env: Record<string, string> = {}) {
  const screen = createScreen(columns);
  const clock = new FakeClock();
  const context = {
    ...{ clock, env, cwd: '/', version: '1' },
    streams: { stdout: screen.stream, stderr: screen.stream },
    files: { daemon: '', evaluate: '', schema: '', docs: '' },
  };
  return { screen, clock, display: progressDisplay(context, style) };
}

describe('waiting on a terminal', () => {
  it('has a row an app, and leaves their last state once', async () => {
    const { screen, clock, display: shown } = display();
    shown.news('shop/api', waiting('slot 0 starting'));
    shown.news('shop/worker', waiting('dependency api not ready'));
    clock.advance(300);
    shown.news('shop/api', done);
    clock.advance(4_000);
    expect(await screen.lines()).toEqual([
      '✓ shop/api     Healthy, 1/1 ready',
      '… shop/worker  dependency api not ready  4s',
    ]);
    shown.news('shop/worker', done);
    shown.end();
    shown.end();
    expect(await screen.lines()).toEqual([
      '✓ shop/api     Healthy, 1/1 ready',
      '✓ shop/worker  Healthy, 1/1 ready',
    ]);
  });

  it('says nothing where all is as asked for from the start', () => {
    const { screen, display: shown } = display();
    shown.now(new Map([['shop/api', done]]));
    shown.end();
    expect(screen.written()).toBe('');
  });

  it('prints a line for each news on a terminal that cannot move its cursor', async () => {
    const { screen, display: shown } = display(80, { TERM: 'dumb' });
    shown.news('shop/api', waiting('slot 0 starting'));
    shown.news('shop/api', done);
    shown.end();
    expect(screen.written()).not.toContain('\u001b');
    expect(await screen.lines()).toEqual(['… shop/api  slot 0 starting', '✓ shop/api  Healthy, 1/1 ready']);
  });

  it('shows what an app has said of itself, and does not obey it', () => {
    const [line] = progressRows(new Map([['shop/api', waiting('said \u001b[2J')]]), {
      ...{ style, elapsedMs: 0 },
      size: { columns: 80, rows: 24 },
    });
    expect(line).toBe('… shop/api  said \\x1b[2J');
  });
});

describe('many apps', () => {
  const size = { columns: 80, rows: 40 };
  const many = new Map<AppKey, Progress>(
    Array.from({ length: 30 }, (_, at) => [
      `shop/app${at}`,
      at === 29 ? failed : at < 20 ? done : waiting('starts'),
    ]),
  );

  it('are folded above ten rows: what fails stays, what moves comes next', () => {
    const rows = progressRows(many, { style, size, elapsedMs: 0 });
    expect(rows).toHaveLength(10);
    expect(rows.at(-2)).toBe('✗ shop/app29  Failed');
    expect(rows.filter((row) => row.startsWith('…'))).toHaveLength(8);
    expect(rows.at(-1)).toBe('  and 1 on their way, 20 done');
  });

  it('have all failures printed in the end', () => {
    const all = new Map<AppKey, Progress>([...many.keys()].map((app) => [app, failed]));
    expect(progressRows(all, { style, size: null, elapsedMs: 0 })).toHaveLength(30);
  });
});
