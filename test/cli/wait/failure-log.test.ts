import { describe, expect, it } from 'vitest';
import type { LogsQuery } from '../../../src/api/contract/endpoints/logs-query.ts';
import type { Api } from '../../../src/cli/session/api.ts';
import { createFailureLog, linesSince } from '../../../src/cli/wait/failure-log.ts';

describe('what is new in a log', () => {
  it.each([
    [['a', 'b'], ['a', 'b', 'c'], ['c']],
    [
      ['a', 'b', 'c'],
      ['c', 'd', 'e'],
      ['d', 'e'],
    ],
    [['a', 'b'], ['a', 'b'], []],
    [
      ['a', 'b'],
      ['a', 'b', 'a', 'b'],
      ['a', 'b'],
    ],
    [['a'], ['x', 'y'], ['x', 'y']],
    [[], ['x'], ['x']],
  ])('behind %j in %j is %j', (before, now, news) => {
    expect(linesSince(before, now)).toEqual(news);
  });
});

describe('the log of a failure', () => {
  /** An API whose log of errors says these lines, one after the other time that it is read. */
  function reading(...reads: readonly (readonly string[])[]): Api {
    let count = 0;
    return {
      async *logs({ stream }: LogsQuery) {
        if (stream !== 'err') return;
        const lines = reads[Math.min(count, reads.length - 1)] ?? [];
        count += 1;
        for (const line of lines) {
          yield await Promise.resolve({ app: 'shop/web', slot: 0, stream: 'err', line });
        }
      },
    } as unknown as Api;
  }
  const crashed = { slot: 0, hasExited: true };
  const late = { slot: 0, hasExited: false };

  it('asks what logs said before of a hundred apps at most', async () => {
    const asked = new Set<string>();
    const api = {
      async *logs({ selectors: [app = ''] }: LogsQuery) {
        asked.add(app);
        yield* await Promise.resolve([]);
      },
    } as unknown as Api;
    const log = createFailureLog(api);
    const apps = Array.from({ length: 5_000 }, (_, index) => `shop/web-${index}` as const);
    for (const app of apps) log.mark(app);
    await new Promise(setImmediate);
    expect(asked.size).toBe(100);
  });

  it('leaves out what the version before has written', async () => {
    const log = createFailureLog(reading(['old error'], ['old error', 'new error']));
    log.mark('shop/web');
    log.take('shop/web', crashed);
    expect(await log.linesOf('shop/web')).toEqual(['err | new error']);
  });

  it('is what the process itself wrote, where that is known', async () => {
    const log = createFailureLog(reading(['old error'], ['old error', 'other error']));
    const logLines = [
      { stream: 'err', line: 'boom\u001b[2J' },
      { stream: 'out', line: 'bye\r' },
    ] as const;
    log.mark('shop/web');
    log.take('shop/web', { ...crashed, logLines });
    expect(await log.linesOf('shop/web')).toEqual(['err | boom\\x1b[2J', 'out | bye']);
    log.take('shop/api', { ...crashed, logLines: [] });
    expect(await log.linesOf('shop/api')).toEqual(['(it has written nothing)']);
  });

  it('says so where a version that did not become ready has written nothing', async () => {
    const log = createFailureLog(reading(['old error']));
    log.mark('shop/web');
    log.take('shop/web', late);
    expect(await log.linesOf('shop/web')).toEqual(['(it has written nothing)']);
  });

  it('shows rather too much of one that ended before its log was looked at', async () => {
    const log = createFailureLog(reading(['old error', 'new error']));
    log.mark('shop/web');
    log.take('shop/web', crashed);
    expect(await log.linesOf('shop/web')).toEqual(['err | old error', 'err | new error']);
  });

  it('shows what there is where nothing was marked', async () => {
    const log = createFailureLog(reading(['an error']));
    expect(await log.linesOf('shop/web')).toEqual(['err | an error']);
  });
});
