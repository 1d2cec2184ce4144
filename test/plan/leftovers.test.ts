import { describe, expect, it } from 'vitest';
import { plan } from '../../src/plan/plan.ts';
import { makeApp, makeExit, makeHistory, makeInstance, NOW, observe } from './fixtures.ts';

const app = makeApp('api');
const problems = [{ code: 'leftovers', message: 'process 7 of an earlier run lives on' }];

describe('what an ended process has left behind', () => {
  it('keeps its slot from being filled while it is being ended', () => {
    const ending = makeInstance(app, { state: 'stopping', pid: 4, leftBehind: [5, 6] });
    const { actions, holds } = plan([app], observe({ instances: [ending] }), NOW);
    expect(actions).toEqual([]);
    expect(holds).toMatchObject([
      {
        slot: 0,
        reason: 'EndingLeftovers',
        message: 'process 4 has ended; what it has left behind is being ended first: processes 5, 6',
      },
    ]);
  });

  it('is told as long as it lives and cannot be ended, and keeps nobody from running', () => {
    const exited = makeInstance(app, {
      nonce: 'old',
      state: 'exited',
      exit: makeExit({ requested: true }),
      problems,
    });
    const history = [
      { key: app.key, slots: [makeHistory(app, { lastNonce: 'old', lastExit: exited.exit })] },
    ];
    const alone = plan([app], observe({ instances: [exited], history }), NOW);
    expect(alone.actions).toMatchObject([{ kind: 'start', slot: 0 }]);
    const both = observe({ instances: [exited, makeInstance(app)], history });
    const { actions, health } = plan([app], both, NOW);
    expect(actions).toEqual([]);
    expect(health).toMatchObject([{ health: 'Healthy' }]);
    expect(health[0]?.conditions).toContainEqual({
      type: 'ProcessesEnded',
      status: 'False',
      reason: 'SurvivorsLeft',
      message: problems[0]?.message,
    });
    const gone = observe({ instances: [{ ...exited, problems: [] }, makeInstance(app)], history });
    expect(plan([app], gone, NOW).actions).toMatchObject([{ kind: 'forget', nonce: 'old' }]);
  });

  it('of an app that was deleted is told too, until it is gone', () => {
    const exited = makeInstance(app, { state: 'exited', exit: makeExit(), problems });
    const made = plan([], observe({ instances: [exited] }), NOW);
    expect(made.actions).toEqual([]);
    expect(made.holds).toMatchObject([{ reason: 'SurvivorsLeft', message: problems[0]?.message }]);
    expect(made.health).toMatchObject([{ converged: false }]);
  });
});
