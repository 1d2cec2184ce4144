import { describe, expect, it } from 'vitest';
import { attentionOf } from '../../../src/controller/views/attention.ts';
import { planApp } from '../../../src/plan/plan.ts';
import { viewHost } from '../../../src/plan/model/host-view.ts';
import type { DesiredApp } from '../../../src/plan/model/desired.ts';
import type { Observed } from '../../../src/plan/model/observed.ts';
import { makeApp, makeExit, makeHistory, makeInstance, NOW, observe, STOPPED } from '../../plan/fixtures.ts';

function attention(app: DesiredApp, observed: Partial<Observed> = {}): string | null {
  const { host } = viewHost([app], observe(observed));
  const { health, holds } = planApp(app.key, host, { now: NOW });
  return attentionOf({
    ...{ health, assessed: health, holds, observedGeneration: 1, assessedGeneration: 1, conditionSince: {} },
  });
}

describe('what somebody should know of an app', () => {
  it('is nothing when it is healthy', () => {
    const app = makeApp();
    expect(attention(app, { instances: [makeInstance(app)] })).toBeNull();
  });

  it('is why it does not work, without the numbers that a table has', () => {
    const app = makeApp('api', { spec: { max_restarts: 0 } });
    const exit = makeExit({ code: 3, upMs: 10 });
    const slots = [makeHistory(app, { lastExit: exit, unstableExits: [NOW] })];
    expect(attention(app, { history: [{ key: app.key, slots }] })).toMatch(
      /^exited with code 3, max_restarts is 0/,
    );
  });

  it('is who has stopped it, or that nobody has started it', () => {
    expect(attention(makeApp('api', { override: STOPPED }))).toMatch(/^stopped by /);
    expect(attention(makeApp('api', { spec: { autostart: false } }))).toBe(
      'autostart is off, and nobody has started the app',
    );
  });
});
