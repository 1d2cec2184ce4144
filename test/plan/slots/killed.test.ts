import { expect, test } from 'vitest';
import { describeExit } from '../../../src/plan/slots/restart-policy.ts';
import { exitEvent } from '../../../src/reconcile/exit-events.ts';
import { makeApp, makeExit, makeInstance } from '../fixtures.ts';

test.each([
  ['by somebody else', { signal: 'SIGKILL' }, 'killed by SIGKILL, not by stateward'],
  ['softly, by somebody else', { signal: 'SIGTERM' }, 'killed by SIGTERM, not by stateward'],
  [
    'because somebody asked for the signal',
    { signal: 'SIGKILL', sent: true as const },
    'killed by SIGKILL, which stateward sent because somebody asked it to',
  ],
  ['for what it has done itself', { signal: 'SIGSEGV' }, 'ended by SIGSEGV'],
  ['as asked', { signal: 'SIGINT', requested: true }, 'ended by SIGINT'],
])('a process that a signal ended: %s', (_, fields, text) => {
  const exit = makeExit({ code: null, upMs: 3_000, ...fields });
  expect(describeExit(exit)).toBe(text);
  const { message } = exitEvent(makeInstance(makeApp(), { state: 'exited', exit }));
  expect(message.includes('was killed by')).toBe(text.startsWith('killed'));
  expect(message.includes('not by stateward')).toBe(text.includes('not by stateward'));
});
