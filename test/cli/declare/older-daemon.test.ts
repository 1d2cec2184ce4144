import { expect, test } from 'vitest';
import { checkApplyRequest, type ApplyRequest } from '../../../src/api/contract/wire/apply.ts';
import { accepted, applyRequest } from '../../../src/cli/declare/applying.ts';
import { err, ok } from '../../../src/lib/result.ts';
import { planDocument } from '../support/canned.ts';

const readFrom = { shop: { declared: { '/srv/e.yaml': 'a1' } } };
const request = applyRequest([], 'apply', { readFrom });

/** A daemon that answers once in this way, and then takes what it is told. */
function daemon(problem: string) {
  const sent: ApplyRequest[] = [];
  const api = {
    apply: (given: ApplyRequest) => {
      sent.push(given);
      if (sent.length > 1) return Promise.resolve(ok({ plan: planDocument(), targets: [] }));
      return Promise.resolve(
        err({ code: 'BAD_REQUEST', message: `cannot take the request: ${problem}` } as const),
      );
    },
  };
  return { sent, api };
}

test('a daemon that keeps nothing of what was read takes the apply all the same', async () => {
  const { sent, api } = daemon('body.readFrom is unknown');
  expect((await accepted(request, api)).ok).toBe(true);
  expect(sent.map((one) => one.readFrom)).toEqual([readFrom, undefined]);
  // As it goes over the wire.
  expect(JSON.stringify(sent[1])).not.toContain('readFrom');
});

test('what else it does not take is not asked for again, and this one takes both', async () => {
  const { sent, api } = daemon('body.projects[0].apps[0].tty is unknown');
  expect((await accepted(request, api)).ok).toBe(false);
  expect(sent).toHaveLength(1);
  for (const body of [request, { ...request, readFrom: undefined }])
    expect(checkApplyRequest(JSON.parse(JSON.stringify(body))).ok).toBe(true);
});
