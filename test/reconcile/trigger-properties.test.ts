import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appKey, type AppKey } from '../../src/lib/app-key.ts';
import { runMode } from '../../src/plan/slots/effective.ts';
import { plan } from '../../src/plan/plan.ts';
import type { Reason } from '../../src/plan/model/reasons.ts';
import { desiredApps } from '../../src/state/desired/desired.ts';
import { reduce, type Projects } from '../../src/state/desired/reducer.ts';
import type { Fact } from '../../src/state/model/types.ts';
import { hashOf, makeSpec, NOW } from '../plan/fixtures.ts';
import { SimulatedHost } from '../plan/simulated-host.ts';

const REASONS = [
  'CronRestart',
  'FileChanged',
  'MemoryLimit',
  'LivenessFailed',
  'HeartbeatMissed',
  'DependencyRestarted',
  'ScheduledRun',
  'RestartRequested',
] as const satisfies readonly Reason[];

const SPECS = [
  makeSpec({ name: 'db', instances: 1 }),
  makeSpec({ name: 'api', instances: 3, depends_on: { db: { condition: 'ready', restart: true } } }),
  makeSpec({ name: 'job', instances: 1, autorestart: false, depends_on: { api: 'started' } }),
  makeSpec({ name: 'idle', instances: 2, autostart: false }),
];
const KEYS = SPECS.map(({ name }) => appKey('shop', name));

type Step =
  | { readonly kind: 'fact'; readonly fact: Fact }
  | { readonly kind: 'exit'; readonly which: number; readonly code: number }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'end-stopping' | 'come-up' };

const key = fc.constantFrom(...KEYS);
const facts: fc.Arbitrary<Fact> = fc.oneof(
  { weight: 4, arbitrary: key.chain((app) => restartOf(app)) },
  key.map((app): Fact => ({
    kind: 'override-set',
    key: app,
    override: { run: 'stopped', by: 'ann', at: NOW },
  })),
  key.map((app): Fact => ({ kind: 'override-set', key: app, override: null })),
  key.map((app): Fact => ({ kind: 'dependencies-seen', key: app, dependencyMarks: { db: { 0: 'x' } } })),
);
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: facts.map((fact): Step => ({ kind: 'fact', fact })) },
  fc
    .record({ which: fc.nat(20), code: fc.constantFrom(0, 1) })
    .map((exit): Step => ({ kind: 'exit', ...exit })),
  fc.constantFrom(50, 1_000, 40_000).map((ms): Step => ({ kind: 'pass', ms })),
  fc.constantFrom<Step>({ kind: 'end-stopping' }, { kind: 'come-up' }),
);

function restartOf(app: AppKey): fc.Arbitrary<Fact> {
  return fc
    .record({ slot: fc.constantFrom(null, 0, 1, 2, 7), reason: fc.constantFrom(...REASONS) })
    .map(({ slot, reason }): Fact => ({
      kind: 'restart-requested',
      key: app,
      slot,
      reason,
      detail: 'it came due',
      at: NOW,
    }));
}

function accepted(): Projects {
  return reduce(new Map(), {
    kind: 'project-accepted',
    spec: { project: 'shop', source: { files: [], env: null }, apps: SPECS },
    templateHashes: Object.fromEntries(SPECS.map((spec) => [spec.name, hashOf(spec)])),
    prune: true,
    at: NOW,
  });
}

function happen(step: Step, host: SimulatedHost): void {
  switch (step.kind) {
    case 'exit': {
      const running = host.instances.filter(({ state }) => state === 'running');
      const ended = running[step.which % Math.max(1, running.length)];
      if (ended !== undefined) host.end(ended.nonce, { code: step.code });
      break;
    }
    case 'pass':
      host.pass(step.ms);
      break;
    case 'end-stopping':
      host.endStopping();
      break;
    case 'come-up':
      host.comeUp();
      break;
    case 'fact':
      break;
  }
}

describe('no sequence of triggers', () => {
  it('starts a stopped app, nor one that nobody has started, nor runs two processes in one slot', () => {
    let starts = 0;
    fc.assert(
      fc.property(fc.array(steps, { minLength: 5, maxLength: 40 }), (happened) => {
        const host = new SimulatedHost();
        let projects = accepted();
        for (const step of happened) {
          if (step.kind === 'fact') projects = reduce(projects, step.fact);
          happen(step, host);
          const desired = desiredApps(projects);
          host.accept(desired);
          host.recordExits(desired, 0.5);
          const made = plan(desired, host.observe(), host.now);
          const mayRun = new Set(
            desired.filter((app) => runMode(app.spec, app.override) === 'running').map((app) => app.key),
          );
          for (const action of made.actions) {
            if (action.kind !== 'start') continue;
            starts += 1;
            expect(mayRun).toContain(action.key);
          }
          host.execute(made);
          const slots = host.instances
            .filter(({ state }) => state !== 'exited')
            .map((instance) => `${instance.key}:${instance.slot}`);
          expect(new Set(slots).size).toBe(slots.length);
        }
      }),
      { numRuns: 300 },
    );
    expect(starts).toBeGreaterThan(200);
  });
});
