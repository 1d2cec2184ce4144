import type { AppKey } from '../../src/lib/app-key.ts';
import { restartGenerationOf } from '../../src/plan/slots/effective.ts';
import { isOnRecord, recordExit } from '../../src/plan/slots/history.ts';
import { hasEnded, isReady } from '../../src/plan/slots/readiness.ts';
import type { Action } from '../../src/plan/model/actions.ts';
import type { AcceptedApp, DesiredApp } from '../../src/plan/model/desired.ts';
import type { InstanceExit, Observed, ObservedInstance, SlotHistory } from '../../src/plan/model/observed.ts';
import type { Plan } from '../../src/plan/model/plan.ts';
import { accept, NOW } from './fixtures.ts';

/**
 * A host in memory: carries out actions as the executor and the runner do, lets time pass and processes end, and
 * records exits as the loop does. Throws when it is asked for something that a real host would refuse.
 */
export class SimulatedHost {
  now = NOW;
  instances: readonly ObservedInstance[] = [];
  readonly history = new Map<AppKey, SlotHistory[]>();
  accepted: readonly AcceptedApp[] = [];
  #nonces = 0;

  observe(): Observed {
    const history = [...this.history].map(([key, slots]) => ({ key, slots }));
    return { reachable: true, instances: this.instances, history, accepted: this.accepted };
  }

  accept(apps: readonly DesiredApp[]): void {
    this.accepted = apps.map((app) => accept(app));
  }

  execute(plan: Pick<Plan, 'actions'>): void {
    for (const action of plan.actions) this.#carryOut(action);
  }

  /** Processes that were asked to stop end, oldest first; `limit` of them. */
  endStopping(limit = Infinity): void {
    for (const instance of this.instances.filter(({ state }) => state === 'stopping').slice(0, limit)) {
      this.end(instance.nonce, { code: null, signal: 'SIGINT', requested: true });
    }
  }

  /** The process ends by itself, or as `exit` says. */
  end(nonce: string, exit: Partial<InstanceExit>): void {
    this.#update(nonce, (instance) => ({
      ...instance,
      state: 'exited',
      pid: null,
      exit: {
        code: 1,
        signal: null,
        at: this.now,
        upMs: instance.upMs,
        requested: false,
        error: null,
        ...exit,
      },
    }));
  }

  /** Starting processes come up. */
  comeUp(): void {
    this.instances = this.instances.map((it) => (it.state === 'starting' ? { ...it, state: 'running' } : it));
  }

  pass(ms: number): void {
    this.now += ms;
    this.instances = this.instances.map((it) =>
      it.state === 'running' ? { ...it, upMs: it.upMs + ms } : it,
    );
  }

  /** Takes the exits on the table into the history, as the loop does before it plans. */
  recordExits(desired: readonly DesiredApp[], jitter: number): void {
    for (const instance of this.instances) {
      const { key, slot, nonce, templateHash, restartGeneration, generation, exit } = instance;
      const app = desired.find((candidate) => candidate.key === key);
      if (exit === null || app === undefined) continue;
      const slots = this.history.get(key) ?? [];
      const before = slots.find((candidate) => candidate.slot === slot);
      const info = { slot, nonce, templateHash, restartGeneration, generation, jitter, spec: app.spec };
      const after = recordExit(before, exit, info);
      this.history.set(key, [...slots.filter((candidate) => candidate.slot !== slot), after]);
    }
  }

  live(key: AppKey): readonly ObservedInstance[] {
    return this.instances.filter((instance) => instance.key === key && !hasEnded(instance));
  }

  ready(app: DesiredApp): number {
    return this.live(app.key).filter((instance) => isReady(instance, app.spec)).length;
  }

  #carryOut(action: Action): void {
    switch (action.kind) {
      case 'start':
        this.#start(action);
        break;
      case 'stop':
        this.#update(action.nonce, (it) => ({ ...it, state: 'stopping' }), ['running', 'starting']);
        break;
      case 'adopt': {
        const { generation, revision } = action.app;
        this.#update(action.nonce, (it) => ({ ...it, generation, revision }), ['running']);
        break;
      }
      case 'forget':
        this.#forget(action);
        break;
      case 'hook':
      case 'reload':
        throw new Error(`${action.kind}: no app of this host declares that`);
    }
  }

  #start({ key, slot, app }: Action & { kind: 'start' }): void {
    const { generation, revision, templateHash } = app;
    const restartGeneration = restartGenerationOf(app, slot);
    const beside = this.live(key).filter((instance) => instance.slot === slot);
    const isPair =
      beside.length === 1 &&
      beside.every((it) => it.templateHash !== templateHash || it.restartGeneration !== restartGeneration);
    if (beside.length > 0 && !isPair) throw new Error(`a second process in slot ${slot} of ${key}`);
    this.#nonces += 1;
    const instance: ObservedInstance = {
      nonce: `p${String(this.#nonces).padStart(6, '0')}`,
      key,
      slot,
      state: 'starting',
      pid: this.#nonces,
      generation,
      restartGeneration,
      revision,
      templateHash,
      startedAt: this.now,
      upMs: 0,
      probedReady: null,
      exit: null,
    };
    this.instances = [...this.instances, instance];
  }

  #forget({ key, slot, nonce, reason }: Action & { kind: 'forget' }): void {
    const instance = this.instances.find((candidate) => candidate.nonce === nonce);
    if (instance?.state !== 'exited') throw new Error(`${nonce} has not ended`);
    const recorded = this.history.get(key)?.find((candidate) => candidate.slot === slot);
    if (reason === 'ExitRecorded' && !isOnRecord(recorded, nonce))
      throw new Error(`the exit of ${nonce} is lost`);
    this.instances = this.instances.filter((candidate) => candidate.nonce !== nonce);
  }

  #update(
    nonce: string,
    change: (instance: ObservedInstance) => ObservedInstance,
    states?: readonly ObservedInstance['state'][],
  ): void {
    const instance = this.instances.find((candidate) => candidate.nonce === nonce);
    if (instance === undefined) throw new Error(`no process ${nonce}`);
    if (states !== undefined && !states.includes(instance.state)) {
      throw new Error(`${nonce} is ${instance.state}`);
    }
    this.instances = this.instances.map((it) => (it === instance ? change(it) : it));
  }
}
