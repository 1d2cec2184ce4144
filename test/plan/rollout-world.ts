import { appKey } from '../../src/lib/app-key.ts';
import { specFor } from '../../src/plan/slots/effective.ts';
import { viewHost } from '../../src/plan/model/host-view.ts';
import type { AppPlan } from '../../src/plan/app-plan.ts';
import { planApp } from '../../src/plan/plan.ts';
import { isActive, isReady, withListening, withReadiness } from '../../src/plan/slots/readiness.ts';
import type { DesiredApp, Override } from '../../src/plan/model/desired.ts';
import type { ObservedInstance } from '../../src/plan/model/observed.ts';
import type { AppSpec } from '../../src/spec/types.ts';
import { desiredApps } from '../../src/state/desired/desired.ts';
import { reduce, type Projects } from '../../src/state/desired/reducer.ts';
import type { Fact } from '../../src/state/model/types.ts';
import { hashOf } from './fixtures.ts';
import { SimulatedHost } from './simulated-host.ts';

export const KEY = appKey('p', 'web');

/** What a version of the app does: told by its environment, so that each is a template of its own. */
export type Quality = 'good' | 'crashes' | 'never-ready' | 'dies-early' | 'cannot-start';

const CRASHES_AFTER_MS = 100;
const PROBED_AFTER_MS = 300;
const DIES_AFTER_MS = 700;

export function qualityOf(spec: Pick<AppSpec, 'env'>): Quality {
  return (spec.env['QUALITY'] ?? 'good') as Quality;
}

/** One app with its durable state, its host and what its versions do. Nothing here decides anything. */
export class RolloutWorld {
  readonly host = new SimulatedHost();
  projects: Projects = new Map();
  readonly #qualities = new Map<string, Quality>();
  /** Templates of versions that share their sockets. */
  readonly #clusters = new Set<string>();
  /** A controller that starts anew knows nothing of readiness at first. */
  #knowsSince = this.host.now;

  commit(fact: Fact): void {
    this.projects = reduce(this.projects, fact);
  }

  apply(spec: AppSpec): void {
    const templateHash = hashOf(spec);
    this.#qualities.set(templateHash, qualityOf(spec));
    if (spec.exec_mode === 'cluster') this.#clusters.add(templateHash);
    this.commit({
      kind: 'project-accepted',
      spec: { project: 'p', source: SOURCE, apps: [spec] },
      templateHashes: { [spec.name]: templateHash },
      prune: true,
      at: this.host.now,
    });
  }

  override(override: Override | null): void {
    this.commit({ kind: 'override-set', key: KEY, override });
  }

  app(): DesiredApp {
    const [app] = desiredApps(this.projects);
    if (app === undefined) throw new Error('nothing is declared');
    return app;
  }

  /** One round of the loop. What has become of a rollout is drawn the consequence from afterwards. */
  round(check: (plan: AppPlan) => void = () => undefined, draws = true): AppPlan {
    this.host.recordExits([this.app()], 0.5);
    const plan = this.plan();
    check(plan);
    this.host.execute(plan);
    if (draws) this.draw(plan);
    return plan;
  }

  plan(): AppPlan {
    const app = this.app();
    const observed = { ...this.host.observe(), instances: this.table(), accepted: [app] };
    return planApp(KEY, viewHost([app], observed).host, { now: this.host.now });
  }

  draw({ rollout }: AppPlan): void {
    if (rollout === null) return;
    const { generation } = this.app();
    const at = this.host.now;
    if (rollout.kind === 'completed') this.commit({ kind: 'rollout-completed', key: KEY, generation, at });
    else {
      const { failure } = rollout;
      this.commit({ kind: 'rollout-failed', key: KEY, generation, failure, at });
    }
  }

  /** As the controller sees it. */
  table(): readonly ObservedInstance[] {
    return this.#seen(this.#knowsSince);
  }

  /** Processes that serve, whether or not the controller knows. */
  serving(): readonly ObservedInstance[] {
    const app = this.app();
    return this.#seen(-Infinity).filter((it) => isActive(it) && isReady(it, specFor(it, app)));
  }

  servingSlots(): ReadonlySet<number> {
    return new Set(this.serving().map(({ slot }) => slot));
  }

  /** Time passes, and versions that are no good end. */
  pass(ms: number): void {
    this.host.pass(ms);
    for (const instance of this.host.instances.filter(({ state }) => state === 'running')) {
      const quality = this.#qualities.get(instance.templateHash);
      const upMs = quality === 'crashes' ? CRASHES_AFTER_MS : DIES_AFTER_MS;
      if (quality !== 'crashes' && quality !== 'dies-early') continue;
      if (instance.upMs >= upMs) this.host.end(instance.nonce, { code: 1, upMs });
    }
  }

  comeUp(): void {
    for (const instance of this.host.instances.filter(({ state }) => state === 'starting')) {
      if (this.#qualities.get(instance.templateHash) !== 'cannot-start') continue;
      this.host.end(instance.nonce, { code: null, upMs: 0, error: 'spawn: ENOENT' });
    }
    this.host.comeUp();
  }

  restartController(): void {
    this.#knowsSince = this.host.now;
  }

  /** Nothing happens from outside any more: `false` when that leads to no rest. */
  settle(check: (plan: AppPlan) => void = () => undefined): boolean {
    for (let round = 0; round < 300; round += 1) {
      const plan = this.round(check);
      const moves = this.host.instances.some(({ state }) => state === 'stopping' || state === 'starting');
      const isOver = plan.actions.length === 0 && plan.rollout === null && !moves;
      if (isOver && plan.requeueAfterMs === null && !this.#willMove()) return true;
      this.host.endStopping();
      this.comeUp();
      // In steps, so that what proves itself, fails or is probed does so in its own order.
      this.pass(moves ? 50 : Math.min(plan.requeueAfterMs ?? 200, 200));
    }
    return false;
  }

  /** A probe is still to answer. */
  #willMove(): boolean {
    return this.host.instances.some(
      (it) => it.state === 'running' && (it.upMs < PROBED_AFTER_MS || this.host.now < this.#knowsSince + 500),
    );
  }

  #seen(since: number): readonly ObservedInstance[] {
    const app = this.app();
    const instances = this.host.instances.map((it) => this.#withProbes(it, app, since));
    return withListening(instances, app);
  }

  #withProbes(process: ObservedInstance, app: DesiredApp, since: number): ObservedInstance {
    const { upMs, templateHash, state } = process;
    const isUp = upMs >= PROBED_AFTER_MS && this.#qualities.get(templateHash) !== 'never-ready';
    const listening = isUp && state !== 'exited' ? ['*:3000'] : [];
    const instance = this.#clusters.has(templateHash) ? { ...process, listening } : process;
    if (state !== 'running' || specFor(instance, app).readiness === null) return instance;
    const knownForMs = this.host.now - since;
    const because = 'GET http://127.0.0.1:3000/ answered 503';
    if (knownForMs < 200) {
      return withReadiness(instance, { forMs: knownForMs, because, isDue: true, undecided: true });
    }
    if (!isUp) return withReadiness(instance, { forMs: Math.min(upMs, knownForMs), because, isDue: true });
    return {
      ...withReadiness(instance, true),
      readyForMs: Math.max(0, Math.min(upMs - PROBED_AFTER_MS, knownForMs - 200)),
    };
  }
}

const SOURCE = { files: ['/srv/ecosystem.yaml'], env: null } as never;
