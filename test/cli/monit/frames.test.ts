import type { RolloutInfo } from '../../../src/api/contract/wire/apps.ts';
import { describe, expect, it } from 'vitest';
import { frame } from '../../../src/cli/monit/frames/frame.ts';
import { sparkline } from '../../../src/cli/monit/frames/sparkline.ts';
import type { Input } from '../../../src/cli/monit/model/update.ts';
import { fitLine } from '../../../src/cli/screen/fit-line.ts';
import type { MonitState } from '../../../src/cli/monit/model/state.ts';
import { createStyle } from '../../../src/cli/views/text/terminal.ts';
import { app } from '../support/fixtures.ts';
import { after, keys, started } from './states.ts';

const look = { style: createStyle(false) };

/** What is on the terminal. */
function shown(state: MonitState, style = look.style): string {
  const lines = frame(state, { style }).map((line) => fitLine(line, state.size.columns).text.trimEnd());
  expect(lines).toHaveLength(state.size.rows);
  return `\n${lines.join('\n')}\n`;
}

const log: Input = {
  kind: 'log',
  app: 'shop/flaky',
  isAnew: true,
  lines: [
    { app: 'shop/flaky', slot: null, stream: 'out', line: 'starting' },
    {
      app: 'shop/flaky',
      slot: null,
      stream: 'err',
      line: 'Error: no \u001b[2J\u001b]0;title\u0007database\r',
    },
    { app: 'shop/flaky', slot: null, stream: 'out', line: '\u001b[32mgreen\u001b[0m 注文' },
  ],
};

describe('a screen of text', () => {
  const long = `cwd: /${'long/'.repeat(30)}end`;
  const lines = [...Array.from({ length: 20 }, (_, at) => `line ${at}`), long, 'the last one'];
  const text: Input = { kind: 'text', topic: 'detail', app: 'shop/flaky', lines };

  it('has all of a line that is longer than the terminal is wide, and all lines below it', () => {
    const { state } = after(started(60, 12), ...keys('d'), text, ...keys('End'));
    const said = shown(state);
    expect(said.replaceAll('\n  ', '')).toContain(long);
    expect(said).toContain('the last one');
    expect(said.split('\n').every((line) => line.length <= 60)).toBe(true);
  });
});

describe('the list', () => {
  it.each([60, 80, 120, 200])('has what there is room for in %i columns', (columns) => {
    expect(shown(after(started(columns, 20), log).state)).toMatchSnapshot();
  });

  it('has no log below it where there are few lines, and one line where there is one', () => {
    expect(shown(started(80, 9))).toMatchSnapshot();
    for (const rows of [3, 4, 5]) shown(started(80, rows));
    for (const rows of [1, 2]) expect(frame(started(80, rows), look)).toHaveLength(1);
  });

  it('keeps the selected app in sight among many', () => {
    const many = Array.from({ length: 500 }, (_, at) => app(`app${String(at).padStart(3, '0')}`));
    const { state } = after(started(80, 24, many), ...keys('End'));
    expect(state.selected).toBe('shop/app499');
    expect(shown(state)).toContain('› app499');
    expect(shown(after(state, ...keys('Home')).state)).toContain('› app000');
  });

  it('asks with the answers in sight, however narrow the terminal and long the name', () => {
    const { state } = after(started(30, 12, [app('x'.repeat(60))]), ...keys('r'));
    expect(shown(state).trimEnd()).toMatch(/restart shop\/x+…\? \[y\/N\]$/);
  });

  it('leaves out of the title what has no room, and cuts nothing in its middle', () => {
    for (const columns of [20, 30, 40, 50, 60])
      expect(shown(started(columns, 12)).split('\n')[1]).not.toContain('…');
  });

  it('says why in several lines where one is too short', () => {
    const why = 'exited with code 1, max_restarts is 3; stays down until the next apply, start or restart';
    const failed = app('api', { health: 'Failed', why });
    const lines = shown(started(60, 20, [failed])).split('\n');
    const at = lines.findIndex((line) => line.startsWith('  why'));
    expect(`${lines[at]?.slice(6)} ${lines[at + 1]?.trim()}`).toBe(why);
    expect(shown(started(40, 6, [failed]))).toMatch(/why exited with code 1, max_restarts.*…/);
  });

  it('marks an app that works though its rollout has failed, and says why', () => {
    const rollout: RolloutInfo = {
      state: 'failed',
      ...{
        generation: 3,
        revision: 7,
        updatedInstances: 0,
        totalInstances: 1,
        startedAt: null,
        endedAt: null,
      },
      ...{ reason: 'Exited', message: 'slot 0 exited with code 3', pausedBy: null },
    };
    const text = shown(started(100, 20, [app('aaa'), app('api', { rollout })]));
    expect(text.indexOf('api')).toBeLessThan(text.indexOf('aaa'));
    expect(text).toContain('▲ 1 to look at');
    expect(text).toContain('▲ Healthy');
    expect(text).toContain('why the rollout of revision 7 has failed: slot 0 exited with code 3');
  });

  it('says that the controller is gone, and shows what was known', () => {
    const { state } = after(started(80, 12), { kind: 'lost', why: 'none runs' });
    expect(shown(state)).toContain('controller gone for 0s');
    expect(shown(state)).toContain('api');
    expect(shown(after(state, { kind: 'up' }).state)).not.toContain('gone');
  });

  it('says what to do where nothing is declared, or nothing matches', () => {
    expect(shown(started(80, 12, []))).toContain('nothing is declared yet: stateward apply');
    const { state } = after(started(80, 12), ...keys('/', 'x', 'y', 'z', 'Enter'));
    expect(shown(state)).toContain('no app matches xyz (Esc shows all)');
  });

  it('tells states by signs and words, and the selection by a mark, where there are no colours', () => {
    const plain = shown(started(120, 20));
    expect(plain).not.toContain('\u001b');
    for (const sign of ['✗ CrashLoop', '● Healthy', '◐ Progressing', '› ']) expect(plain).toContain(sign);
    expect(shown(started(120, 20), createStyle(true))).toContain('\u001b[7m');
  });
});

describe('the other screens', () => {
  it('shows a rollout slot by slot', () => {
    const at = after(started(100, 18), ...keys('/', 'w', 'e', 'b', 'Enter', 'o')).state;
    expect(shown(at)).toMatchSnapshot();
  });

  it('shows a log with a filter, one slot, and held', () => {
    const at = after(started(80, 10), log, ...keys('l')).state;
    expect(shown(at)).toMatchSnapshot();
    expect(shown(after(at, ...keys('/', 'e', 'r', 'r', 'o', 'r', 'Enter')).state)).not.toContain('starting');
    const held = shown(after(at, ...keys('Up')).state);
    expect(held).toContain('(held; f follows)');
    expect(held).not.toContain('green');
  });

  it('wraps a long line, and cuts it otherwise', () => {
    const long = { app: 'shop/flaky', slot: null, stream: 'out', line: 'x'.repeat(100) } as const;
    const at = after(started(60, 10), { ...log, lines: [long] }, ...keys('l')).state;
    expect(shown(at).match(/x+/g)).toHaveLength(1);
    expect(shown(after(at, ...keys('w')).state).match(/x+/g)).toHaveLength(2);
  });

  it('shows what was looked up, and how much more there is below', () => {
    const lines = Array.from({ length: 40 }, (_, at) => `line ${at}`);
    const at = after(started(80, 12), ...keys('d'), {
      kind: 'text',
      topic: 'detail',
      app: 'shop/flaky',
      lines,
    }).state;
    expect(shown(at)).toContain('↓ 32 more lines');
    expect(shown(after(at, ...keys('End')).state)).toContain('line 39');
  });

  it('shows the help', () => {
    expect(shown(after(started(100, 30), ...keys('?')).state)).toMatchSnapshot();
  });
});

describe('a sparkline', () => {
  it('has the newest value on the right, a blank where none is known, and stays in its bounds', () => {
    expect(sparkline([0, null, 50, 100, 200], 6, { from: 0, to: 100 })).toBe(' ▁ ▅██');
    expect(sparkline([], 3, { from: 0, to: 1 })).toBe('   ');
  });
});
