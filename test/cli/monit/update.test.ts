import { describe, expect, it } from 'vitest';
import { flushKeys, readKeys } from '../../../src/cli/monit/model/keys.ts';
import { initialState, shownScreen } from '../../../src/cli/monit/model/state.ts';
import type { Input } from '../../../src/cli/monit/model/update.ts';
import { appList, NOW_MS } from '../support/fixtures.ts';
import { after, APPS, keys, started } from './states.ts';

describe('keys', () => {
  it('are read as terminals send them, in one piece or in several', () => {
    const names = (text: string) => readKeys(text).keys.map((key) => ('name' in key ? key.name : key.char));
    expect(names('jk\u001b[A\u001b[B\u001bOA\u001b[5~\u001b[6~\u001b[H\u001b[4~\r\u007f\u0003')).toEqual([
      ...[
        'j',
        'k',
        'up',
        'down',
        'up',
        'page-up',
        'page-down',
        'home',
        'end',
        'enter',
        'backspace',
        'interrupt',
      ],
    ]);
    expect(names('注')).toEqual(['注']);
    expect(readKeys('\u001b[')).toEqual({ keys: [], rest: '\u001b[' });
    expect(flushKeys('\u001b')).toEqual([{ name: 'escape' }]);
  });

  it('that are not known are passed over whole', () => {
    expect(readKeys('\u001b[1;5Z\u001b[200~q').keys).toEqual([{ char: 'q' }]);
  });
});

describe('an action', () => {
  it('is asked about first, and done on y alone', () => {
    const asked = after(started(), ...keys('r'));
    expect(asked).toMatchObject({
      state: { prompt: { kind: 'ask', action: 'restart', app: 'shop/flaky' } },
      effects: [],
    });
    expect(after(asked.state, ...keys('y')).effects).toEqual([
      { kind: 'act', action: 'restart', app: 'shop/flaky' },
    ]);
    for (const key of ['n', 'q', 'Enter', 'Escape']) {
      const left = after(asked.state, ...keys(key));
      expect(left.effects).toEqual([]);
      expect(left.state).toMatchObject({ prompt: null, message: { text: 'restart: not done' } });
    }
  });

  it.each([
    ['r', 'restart'],
    ['R', 'reload'],
    ['s', 'stop'],
  ])('%s is not there with --read-only', (key, action) => {
    const { state, effects } = after(started(120, 24, APPS, true), ...keys(key));
    expect(effects).toEqual([]);
    expect(state).toMatchObject({ prompt: null, message: { text: `${action}: not with --read-only` } });
  });

  it('is not asked about while the controller does not answer', () => {
    const { state } = after(started(), { kind: 'lost', why: 'none runs' }, ...keys('r'));
    expect(state).toMatchObject({
      prompt: null,
      message: { text: 'restart: the controller does not answer' },
    });
  });

  it('is about the app of the screen, also when the list has changed below it', () => {
    const at = after(started(), ...keys('d')).state;
    const gone = after(at, {
      kind: 'list',
      list: appList(...APPS.filter(({ name }) => name !== 'flaky')),
    }).state;
    expect(after(gone, ...keys('r')).state.prompt).toMatchObject({ app: 'shop/flaky' });
  });

  it('goes on with a rollout that is under way, and says where there is none', () => {
    const web = after(started(), ...keys('/', 'w', 'e', 'b', 'Enter', 'o')).state;
    expect(after(web, ...keys(' ')).state.prompt).toMatchObject({ action: 'pause', app: 'shop/web' });
    expect(after(web, ...keys('u')).state.prompt).toMatchObject({ action: 'rollback', app: 'shop/web' });
    const none = after(started(), ...keys('o', ' ')).state;
    expect(none).toMatchObject({ prompt: null, message: { text: 'no rollout is under way' } });
  });
});

describe('what was used before monit was started', () => {
  const known = (values: readonly (number | null)[]): Input => ({
    kind: 'histories',
    histories: {
      ...{ apiVersion: 'v1', kind: 'UsageHistoryList', periodMs: 2000 },
      items: [{ project: 'shop', name: 'api', cpuPercent: values, memoryBytes: values }],
    },
  });
  const tick: Input = { kind: 'tick', nowMs: NOW_MS, sampled: true };

  it('is where the sparklines begin, and goes on with what is seen from then on', () => {
    const begun = initialState({ size: { columns: 120, rows: 24 }, nowMs: NOW_MS, readOnly: false });
    const list: Input = { kind: 'list', list: appList(...APPS) };
    const { state } = after(begun, list, known([1, null, 3]), tick);
    expect(state.histories.get('shop/api')?.cpu).toEqual([1, null, 3, 25]);
  });

  it('does not take the place of what reaches further back', () => {
    const { state } = after(started(), known([7, 7]));
    expect(state.histories.get('shop/api')?.cpu).toEqual([25, 25, 25]);
  });
});

describe('screens', () => {
  it('are gone back through with Esc and q, and q on the list ends it', () => {
    const deep = after(started(), ...keys('Enter', 'l', '?')).state;
    expect(deep.screens.map(({ kind }) => kind)).toEqual(['list', 'detail', 'logs', 'help']);
    const list = after(deep, ...keys('Escape', 'q', 'Escape'));
    expect([list.state.screens.length, list.effects]).toEqual([1, []]);
    expect(after(list.state, ...keys('q')).effects).toEqual([{ kind: 'quit' }]);
    expect(after(deep, ...keys('Interrupt')).effects).toEqual([{ kind: 'quit' }]);
  });

  it('look up what they show, and look again while they are shown', () => {
    const { state, effects } = after(started(), ...keys('d'));
    expect(effects).toEqual([{ kind: 'load', topic: 'detail', app: 'shop/flaky' }]);
    expect(after(state, { kind: 'tick', nowMs: 1, sampled: true }).effects).toEqual(effects);
    expect(after(state, { kind: 'tick', nowMs: 1, sampled: false }).effects).toEqual([]);
    expect(after(state, ...keys('Escape'), { kind: 'tick', nowMs: 1, sampled: true }).effects).toEqual([]);
  });

  it('are reached by commands, with an app by its name or the beginning of it', () => {
    const typed = (line: string) => after(started(), ...keys(':', ...Array.from(line), 'Enter'));
    expect(shownScreen(typed('logs web').state)).toMatchObject({ kind: 'logs', app: 'shop/web' });
    expect(shownScreen(typed('rollout shop/api').state)).toMatchObject({ kind: 'rollout', app: 'shop/api' });
    expect(typed('we').state.selected).toBe('shop/web');
    expect(typed('stop web').state.prompt).toMatchObject({ action: 'stop', app: 'shop/web' });
    expect(typed('q').effects).toEqual([{ kind: 'quit' }]);
    expect(typed('nonsense').state.message).toMatchObject({ isError: true });
    expect(typed('logs nobody').state.message).toMatchObject({ text: 'no app nobody', isError: true });
  });
});

describe('the selection', () => {
  it('stays with its app when the order changes, and moves on when that is gone', () => {
    const at = after(started(), ...keys('j')).state;
    expect(at.selected).toBe('shop/web');
    const sorted = after(at, ...keys('S')).state;
    expect([sorted.order.key, sorted.selected]).toEqual(['name', 'shop/web']);
    const gone = after(sorted, {
      kind: 'list',
      list: { ...appList(), partial: true, gone: ['shop/web'] },
    }).state;
    expect(gone.selected).toBe('shop/api');
  });

  it('has its log followed', () => {
    expect(after(started(), ...keys('j')).effects).toEqual([{ kind: 'follow', app: 'shop/web' }]);
    const at = after(started(), ...keys('l')).state;
    expect(after(at, { kind: 'list', list: appList() }).state.log.app).toBe('shop/flaky');
  });

  it('takes lines of its own log alone, and keeps a bounded number', () => {
    const line = { app: 'shop/flaky', slot: null, stream: 'out', line: 'x' } as const;
    const lines = Array.from({ length: 1_500 }, () => line);
    const log = (app: 'shop/flaky' | 'shop/web', isAnew: boolean) =>
      ({ kind: 'log', app, lines, isAnew }) as const;
    const { state } = after(
      started(),
      log('shop/web', true),
      log('shop/flaky', true),
      log('shop/flaky', false),
    );
    expect(state.log.lines).toHaveLength(2_000);
    expect(after(state, log('shop/flaky', true)).state.log.lines).toHaveLength(1_500);
  });
});
