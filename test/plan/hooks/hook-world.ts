import type { AppPlan } from '../../../src/plan/app-plan.ts';
import { planApp } from '../../../src/plan/plan.ts';
import { failureOf, isGoingOn, timeoutOf } from '../../../src/plan/hooks/hook-runs.ts';
import type { Action } from '../../../src/plan/model/actions.ts';
import type { DesiredApp } from '../../../src/plan/model/desired.ts';
import type { HookRecord } from '../../../src/plan/model/hooks.ts';
import { viewHost } from '../../../src/plan/model/host-view.ts';
import type { Observed, ObservedHook } from '../../../src/plan/model/observed.ts';
import type { AppSpec } from '../../../src/spec/types.ts';
import { appKey } from '../../../src/lib/app-key.ts';
import { desiredApps } from '../../../src/state/desired/desired.ts';
import { reduce, type Projects } from '../../../src/state/desired/reducer.ts';
import type { Fact } from '../../../src/state/model/types.ts';
import { hashOf } from '../fixtures.ts';
import { SimulatedHost } from '../simulated-host.ts';

export const KEY = appKey('p', 'web');

type HookAction = Extract<Action, { kind: 'hook' }>;

/** One app with hooks, on a host in memory. Hooks end when a story says so. Nothing here decides anything. */
export class HookWorld {
  readonly host = new SimulatedHost();
  projects: Projects = new Map();
  hooks: readonly ObservedHook[] = [];
  records: readonly HookRecord[] = [];
  /** Every hook that was begun, in order. */
  readonly begun: { readonly nonce: string; readonly action: HookAction }[] = [];
  #nonces = 0;

  commit(fact: Fact): void {
    this.projects = reduce(this.projects, fact);
  }

  apply(spec: AppSpec): void {
    this.commit({
      kind: 'project-accepted',
      spec: { project: 'p', source: { files: [], env: null }, apps: [spec] },
      templateHashes: { [spec.name]: hashOf(spec) },
      prune: true,
      at: this.host.now,
    });
  }

  app(): DesiredApp {
    const [app] = desiredApps(this.projects);
    if (app === undefined) throw new Error('nothing is declared');
    return app;
  }

  observed(): Observed {
    const slots = this.host.history.get(KEY) ?? [];
    const history = [{ key: KEY, slots, hooks: this.records }];
    return { ...this.host.observe(), hooks: this.hooks, history, accepted: [this.app()] };
  }

  plan(observed = this.observed()): AppPlan {
    return planApp(KEY, viewHost([this.app()], observed).host, { now: this.host.now });
  }

  /** One round of the loop: as there, how a pre_start hook has ended is on record before anything follows from it. */
  round(check: (plan: AppPlan) => void = () => undefined): AppPlan {
    this.host.recordExits([this.app()], 0.5);
    const plan = this.plan();
    const at = this.host.now;
    if (plan.preStart !== null) {
      const { release, failure: message } = plan.preStart;
      const failure = message === null ? null : { reason: 'PreStartFailed' as const, message, slot: null };
      this.commit({ kind: 'pre-start-ended', key: KEY, release, failure, at });
      return plan;
    }
    const { generation } = this.app();
    if (plan.rollout?.kind === 'completed')
      this.commit({ kind: 'rollout-completed', key: KEY, generation, at });
    if (plan.rollout?.kind === 'failed') {
      this.commit({ kind: 'rollout-failed', key: KEY, generation, failure: plan.rollout.failure, at });
    }
    if (plan.rollout !== null) return plan;
    check(plan);
    for (const action of plan.actions) this.#carryOut(action);
    return plan;
  }

  going(name?: string): readonly ObservedHook[] {
    return this.hooks.filter((hook) => isGoingOn(hook) && (name === undefined || hook.hook.name === name));
  }

  endHook(nonce: string, code: number): void {
    this.hooks = this.hooks.map((hook) => {
      if (hook.nonce !== nonce || hook.exit !== null) return hook;
      const requested = hook.state === 'stopping';
      const exit = { code: requested ? null : code, signal: requested ? 'SIGTERM' : null, error: null };
      return {
        ...hook,
        ...{ state: 'exited' as const, pid: null },
        exit: { ...exit, at: this.host.now, upMs: hook.upMs, requested },
      };
    });
  }

  /** Has the runs on record that have ended. */
  record(): void {
    const ended = this.hooks.filter(({ nonce, exit }) => exit !== null && !this.isRecorded(nonce));
    const runs = ended.map((hook): HookRecord => {
      const { nonce, generation, revision, startedAt, exit } = hook;
      const failure = exit === null ? null : failureOf(exit, timeoutOf(this.app().spec, hook.hook.name));
      return {
        ...hook.hook,
        ...{ nonce, generation, revision, startedAt, failure, durationMs: exit?.upMs ?? 0 },
        ...{ exitCode: exit?.code ?? null, signal: exit?.signal ?? null },
      };
    });
    this.records = [...runs, ...this.records];
  }

  isRecorded(nonce: string): boolean {
    return this.records.some((record) => record.nonce === nonce);
  }

  pass(ms: number): void {
    this.host.pass(ms);
    this.hooks = this.hooks.map((hook) => (hook.exit === null ? { ...hook, upMs: hook.upMs + ms } : hook));
  }

  /** Everything goes well from now on; false: it comes to no rest. */
  settle(check?: (plan: AppPlan) => void): boolean {
    for (let round = 0; round < 200; round += 1) {
      const plan = this.round(check);
      const moves = this.host.instances.some(({ state }) => state !== 'running');
      const isOver = plan.actions.length + this.hooks.length === 0 && plan.rollout === null && !moves;
      if (isOver && plan.preStart === null && plan.requeueAfterMs === null) return true;
      this.host.endStopping();
      this.host.comeUp();
      for (const { nonce } of this.going()) this.endHook(nonce, 0);
      this.record();
      this.pass(Math.min(plan.requeueAfterMs ?? 500, 500));
    }
    return false;
  }

  #carryOut(action: Action): void {
    if (action.kind === 'hook') {
      this.#begin(action);
      return;
    }
    const hook = 'nonce' in action ? this.hooks.find(({ nonce }) => nonce === action.nonce) : undefined;
    if (hook === undefined) this.host.execute({ actions: [action] });
    else if (action.kind === 'forget') this.hooks = this.hooks.filter((one) => one !== hook);
    else if (action.kind === 'stop') {
      this.hooks = this.hooks.map((one) => (one === hook ? { ...one, state: 'stopping' } : one));
    } else throw new Error(`${action.kind} of a hook`);
  }

  #begin(action: HookAction): void {
    const { app, run } = action;
    this.#nonces += 1;
    const nonce = `h${String(this.#nonces).padStart(6, '0')}`;
    this.begun.push({ nonce, action });
    const { generation, revision, templateHash } = app;
    const hook: ObservedHook = {
      ...{ nonce, key: KEY, slot: -1, state: 'running', pid: 9_000 + this.#nonces, hook: run },
      ...{ generation, revision, templateHash, restartGeneration: 0, probedReady: null, exit: null },
      ...{ startedAt: this.host.now, upMs: 0 },
    };
    this.hooks = [...this.hooks, hook];
  }
}
