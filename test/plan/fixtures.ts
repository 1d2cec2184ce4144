import { appKey, type AppKey } from '../../src/lib/app-key.ts';
import type { Action } from '../../src/plan/model/actions.ts';
import type { AcceptedApp, DesiredApp, Override } from '../../src/plan/model/desired.ts';
import type { InstanceExit, Observed, ObservedInstance, SlotHistory } from '../../src/plan/model/observed.ts';
import { SPEC_DEFAULTS } from '../../src/spec/generated/spec-defaults.ts';
import type { AppSpec } from '../../src/spec/types.ts';

export const NOW = Date.parse('2026-03-01T12:00:00Z');

/** A spec with every field; min_uptime 1 s as PM2 has it. */
export function makeSpec(fields: Partial<AppSpec> = {}): AppSpec {
  return {
    ...SPEC_DEFAULTS,
    name: 'api',
    script: '/srv/api.js',
    interpreter: 'node',
    cwd: '/srv',
    rollout: {
      max_surge: 0,
      max_unavailable: 1,
      parallel: 1,
      min_ready: 0,
      deadline: null,
      on_failure: 'pause',
    },
    merge_logs: false,
    log_rotate: null,
    ...fields,
  };
}

/** Stands for the real hash: the template fields that the tests vary. */
export function hashOf({ script, env, args }: Pick<AppSpec, 'script' | 'env' | 'args'>): string {
  return JSON.stringify([script, args, Object.entries(env).sort()]);
}

export interface AppFields {
  readonly project?: string;
  readonly spec?: Partial<AppSpec>;
  readonly generation?: number;
  readonly restartGeneration?: number;
  readonly revision?: number;
  readonly override?: Override | null;
}

export function makeApp(name = 'api', fields: AppFields = {}): DesiredApp {
  const project = fields.project ?? 'shop';
  const spec = makeSpec({ name, ...fields.spec });
  return {
    key: appKey(project, name),
    project,
    spec,
    templateHash: hashOf(spec),
    generation: fields.generation ?? 1,
    restartGeneration: fields.restartGeneration ?? 0,
    slotRestarts: {},
    lastRestart: null,
    revision: fields.revision ?? 1,
    override: fields.override ?? null,
  };
}

/** A process of `app` that has run its present version for a minute. */
export function makeInstance(app: DesiredApp, fields: Partial<ObservedInstance> = {}): ObservedInstance {
  const slot = fields.slot ?? 0;
  return {
    nonce: `${app.spec.name}-${slot}`,
    key: app.key,
    slot,
    state: 'running',
    pid: 4_000 + slot,
    generation: app.generation,
    restartGeneration: app.restartGeneration,
    revision: app.revision,
    templateHash: app.templateHash,
    startedAt: NOW - 60_000,
    upMs: 60_000,
    probedReady: null,
    exit: null,
    ...(app.spec.exec_mode === 'cluster' && { listening: [] }),
    ...fields,
  };
}

/** All instances of an app, up and ready. */
export function runAll(app: DesiredApp, fields: Partial<ObservedInstance> = {}): readonly ObservedInstance[] {
  return Array.from({ length: app.spec.instances }, (_, slot) => makeInstance(app, { ...fields, slot }));
}

export function makeExit(fields: Partial<InstanceExit> = {}): InstanceExit {
  return { code: 1, signal: null, at: NOW, upMs: 500, requested: false, error: null, ...fields };
}

export function makeHistory(app: DesiredApp, fields: Partial<SlotHistory> = {}): SlotHistory {
  return {
    slot: 0,
    restarts: 1,
    attempt: 1,
    jitter: 0.5,
    unstableExits: [NOW],
    lastExit: makeExit(),
    lastNonce: 'ended',
    lastTemplateHash: app.templateHash,
    lastRestartGeneration: app.restartGeneration,
    ...fields,
  };
}

export function accept(app: DesiredApp, fields: Partial<AcceptedApp> = {}): AcceptedApp {
  const { key, spec, templateHash, generation, override } = app;
  return { key, spec, templateHash, generation, override, ...fields };
}

/** `stop 0 TemplateChanged`: what actions do, in short. */
export function short(actions: readonly Action[]): readonly string[] {
  return actions.map(({ kind, slot, reason }) => `${kind} ${slot} ${reason}`);
}

export interface HostFields {
  readonly reachable?: boolean;
  readonly instances?: readonly ObservedInstance[];
  readonly history?: readonly { readonly key: AppKey; readonly slots: readonly SlotHistory[] }[];
  readonly accepted?: readonly AcceptedApp[];
}

export function observe(fields: HostFields = {}): Observed {
  return { reachable: true, instances: [], history: [], accepted: [], ...fields };
}

export const STOPPED: Override = { run: 'stopped', by: 'ann', at: NOW };
export const STARTED: Override = { run: 'running', by: 'ann', at: NOW };
