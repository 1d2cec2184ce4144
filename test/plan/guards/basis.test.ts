import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { planBasis, whatMoved, type Basis } from '../../../src/plan/guards/basis.ts';
import type { DesiredApp } from '../../../src/plan/model/desired.ts';
import type { ObservedInstance } from '../../../src/plan/model/observed.ts';
import { makeApp, makeExit, makeInstance, runAll } from '../fixtures.ts';

function basisOf(
  apps: readonly DesiredApp[],
  instances: readonly ObservedInstance[],
  desiredHash = 'declared',
): Basis {
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  return planBasis({ apps, instances, desiredHash, hash });
}

const api = makeApp('api', { spec: { instances: 2 }, generation: 3, restartGeneration: 1 });
const web = makeApp('web');
const before = basisOf([web, api], [...runAll(web), ...runAll(api)]);

describe('the basis of a plan', () => {
  it('holds generations and live processes, sorted', () => {
    expect(before.apps).toEqual([
      { app: 'shop/api', generation: 3, restartGeneration: 1, processes: ['0:api-0', '1:api-1'] },
      { app: 'shop/web', generation: 1, restartGeneration: 0, processes: ['0:web-0'] },
    ]);
  });

  it('is the same in whatever order things were found, and whatever their uptime', () => {
    const older = [...runAll(api), ...runAll(web)].reverse().map((it) => ({ ...it, upMs: it.upMs + 5_000 }));
    expect(basisOf([api, web], older)).toEqual(before);
  });

  it('leaves out processes that have ended', () => {
    const ended = makeInstance(api, { slot: 1, nonce: 'ended', state: 'exited', exit: makeExit() });
    expect(basisOf([web, api], [...runAll(web), ...runAll(api), ended]).fingerprint).toBe(before.fingerprint);
  });

  it('holds processes of apps that are not desired', () => {
    expect(basisOf([], [makeInstance(web)]).apps).toEqual([
      { app: 'shop/web', generation: 0, restartGeneration: 0, processes: ['0:web-0'] },
    ]);
  });

  it.each<[string, Basis, readonly string[]]>([
    ['nothing', before, []],
    [
      'a new declaration',
      basisOf([web, api], [...runAll(web), ...runAll(api)], 'other'),
      ['what is declared is not what the plan was made from'],
    ],
    [
      'a generation and a restart',
      basisOf([web, { ...api, generation: 4, restartGeneration: 2 }], [...runAll(web), ...runAll(api)]),
      ['shop/api is at generation 4, not 3 any more', 'shop/api is at restart 2, not 1 any more'],
    ],
    [
      'a process that crashed and came back',
      basisOf(
        [web, api],
        [...runAll(web), makeInstance(api), makeInstance(api, { slot: 1, nonce: 'again' })],
      ),
      ['shop/api: a process in slot 1 has ended', 'shop/api: a process in slot 1 has started'],
    ],
    [
      'an app that came and one that went',
      basisOf([api, makeApp('new')], runAll(api)),
      ['shop/new is there now', 'shop/web is gone'],
    ],
  ])('says what moved: %s', (_what, after, expected) => {
    expect(whatMoved(before, after)).toEqual(expected);
    expect(after.fingerprint === before.fingerprint).toBe(expected.length === 0);
  });
});
