import { describe, expect, it } from 'vitest';
import { sendAs } from '../../../src/cli/session/who-asks.ts';
import { err, ok } from '../../../src/lib/result.ts';

interface Stop {
  readonly all: boolean;
  readonly by?: string;
}

describe('a request that says who asks', () => {
  it('is sent once to a daemon that takes it', async () => {
    const sent: Stop[] = [];
    const answer = await sendAs('ann', { all: true }, (request: Stop) => {
      sent.push(request);
      return Promise.resolve(ok('done'));
    });
    expect([answer, sent]).toEqual([ok('done'), [{ all: true, by: 'ann' }]]);
  });

  it('is sent again without that to a daemon of before', async () => {
    const answer = await sendAs('ann', { all: true }, (request: Stop) =>
      Promise.resolve(
        request.by === undefined ? ok('done') : err({ code: 'BAD_REQUEST', message: 'body.by' } as const),
      ),
    );
    expect(answer).toEqual(ok('done'));
  });

  it('that is refused for another reason is not sent again', async () => {
    let times = 0;
    const answer = await sendAs('ann', { all: true }, () => {
      times += 1;
      return Promise.resolve(err({ code: 'FROZEN', message: '' } as const));
    });
    expect([answer.ok, times]).toEqual([false, 1]);
  });
});
