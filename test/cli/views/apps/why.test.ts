import { describe, expect, it } from 'vitest';
import type { WhyDocument } from '../../../../src/api/contract/wire/why.ts';
import { createStyle } from '../../../../src/cli/views/text/terminal.ts';
import { renderWhy } from '../../../../src/cli/views/apps/why.ts';
import { NOW_MS } from '../../support/fixtures.ts';

const AT = new Date(NOW_MS - 11_000).toISOString();

const FAILED: WhyDocument = {
  apiVersion: 'v1',
  kind: 'Why',
  app: 'shop/api',
  sync: 'OutOfSync',
  health: 'Failed',
  desiredInstances: 1,
  readyInstances: 0,
  since: AT,
  cause: null,
  lastRestart: null,
  lastExit: { slot: 0, reason: 'Exited', message: 'exited with code 3', at: AT },
  waits: [],
  next: [],
};

function linesOf(why: WhyDocument): readonly string[] {
  return renderWhy(why, { style: createStyle(false), nowMs: NOW_MS, log: [] })
    .trimEnd()
    .split('\n')
    .slice(1);
}

const wait = (slot: number): WhyDocument['waits'][number] => ({
  slot,
  reason: 'MaxRestartsExceeded',
  message: 'exited with code 3, max_restarts is 2; stays down',
  until: null,
});

describe('why', () => {
  it('tells how a slot ended once', () => {
    expect(linesOf({ ...FAILED, waits: [wait(0)] })).toEqual([
      'last exit: slot 0 exited with code 3 (Exited, 11s ago)',
      'waits: slot 0 max_restarts is 2; stays down (MaxRestartsExceeded)',
    ]);
  });

  it('tells it of every other slot', () => {
    expect(linesOf({ ...FAILED, waits: [wait(1)] })[1]).toBe(
      'waits: slot 1 exited with code 3, max_restarts is 2; stays down (MaxRestartsExceeded)',
    );
    expect(linesOf({ ...FAILED, lastExit: null, waits: [wait(0)] })).toEqual([
      'waits: slot 0 exited with code 3, max_restarts is 2; stays down (MaxRestartsExceeded)',
    ]);
  });
});
