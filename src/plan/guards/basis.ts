import type { AppKey } from '../../lib/app-key.ts';
import { canonicalJson } from '../../lib/values/canonical-json.ts';
import type { CodeIdentity } from '../model/code.ts';
import { hasEnded } from '../slots/readiness.ts';
import type { DesiredApp } from '../model/desired.ts';
import type { ObservedInstance } from '../model/observed.ts';

/** One app as a plan saw it. */
export interface BasisApp {
  readonly app: AppKey;
  /** 0: the app was not in the desired state. */
  readonly generation: number;
  /** All restarts that were ever asked for, of the app and of single slots. */
  readonly restartGeneration: number;
  /** `slot:nonce` of every live process, sorted. */
  readonly processes: readonly string[];
}

/** What a plan was made against; its JSON form is PlanBasis in api/contract/wire. */
export interface Basis {
  /** Hash over everything below. */
  readonly fingerprint: string;
  readonly apps: readonly BasisApp[];
  /** Hash over the declared projects. */
  readonly desiredHash: string;
  /** The code on disk, by app; an app whose code is not known is missing. */
  readonly code?: Readonly<Record<AppKey, string>>;
}

export interface BasisInput {
  /** The desired state before the plan is applied. */
  readonly apps: readonly Pick<DesiredApp, 'key' | 'generation' | 'restartGeneration' | 'slotRestarts'>[];
  readonly instances: readonly ObservedInstance[];
  readonly desiredHash: string;
  /** What lies on disk, by app. Absent: not known of any. */
  readonly code?: ReadonlyMap<AppKey, CodeIdentity>;
  /** Digests a text; injected, because the planner computes no hashes. */
  readonly hash: (text: string) => string;
}

/** A plan that was made against one basis holds against another that is equal. */
export function planBasis({ apps, instances, desiredHash, code = new Map(), hash }: BasisInput): Basis {
  const ids = Object.fromEntries(
    [...code]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, { id, secrets }]) => [
        key,
        secrets === undefined ? id : `${id}.${hash(canonicalJson(secrets))}`,
      ]),
  );
  const basis = { apps: describeApps(apps, instances), desiredHash, ...(code.size > 0 && { code: ids }) };
  return { fingerprint: hash(canonicalJson(basis)), ...basis };
}

function describeApps(apps: BasisInput['apps'], instances: readonly ObservedInstance[]): readonly BasisApp[] {
  const byKey = new Map<AppKey, { generation: number; restartGeneration: number; processes: string[] }>();
  for (const { key, generation, restartGeneration, slotRestarts } of apps) {
    const restarts = Object.values(slotRestarts).reduce((sum, count) => sum + count, restartGeneration);
    byKey.set(key, { generation, restartGeneration: restarts, processes: [] });
  }
  for (const { key, slot, nonce } of instances.filter((instance) => !hasEnded(instance))) {
    const entry = byKey.get(key) ?? { generation: 0, restartGeneration: 0, processes: [] };
    entry.processes.push(`${slot}:${nonce}`);
    byKey.set(key, entry);
  }
  return [...byKey]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([app, entry]) => ({ app, ...entry, processes: entry.processes.sort() }));
}

/** What differs between two bases, in words, one line for each thing; empty when a plan still holds. */
export function whatMoved(
  before: Omit<Basis, 'fingerprint'>,
  after: Omit<Basis, 'fingerprint'>,
): readonly string[] {
  const earlier = new Map(before.apps.map((app) => [app.app, app]));
  const later = new Map(after.apps.map((app) => [app.app, app]));
  const keys = [...new Set([...earlier.keys(), ...later.keys()])].sort();
  return [
    ...(before.desiredHash === after.desiredHash
      ? []
      : ['what is declared is not what the plan was made from']),
    ...keys.flatMap((key) => whatMovedInApp(key, earlier.get(key), later.get(key))),
    ...codeMoved(before.code ?? {}, after.code ?? {}),
  ];
}

function codeMoved(
  before: Readonly<Record<AppKey, string>>,
  after: Readonly<Record<AppKey, string>>,
): readonly string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort() as AppKey[];
  return keys
    .filter((key) => before[key] !== after[key])
    .map((key) => `${key}: the code on disk has changed`);
}

function whatMovedInApp(
  key: AppKey,
  before: BasisApp | undefined,
  after: BasisApp | undefined,
): readonly string[] {
  if (before === undefined) return [`${key} is there now`];
  if (after === undefined) return [`${key} is gone`];
  const ended = before.processes.filter((process) => !after.processes.includes(process));
  const started = after.processes.filter((process) => !before.processes.includes(process));
  return [
    ...counterMoved(`${key} is at generation`, before.generation, after.generation),
    ...counterMoved(`${key} is at restart`, before.restartGeneration, after.restartGeneration),
    ...ended.map((process) => `${key}: a process in slot ${slotOf(process)} has ended`),
    ...started.map((process) => `${key}: a process in slot ${slotOf(process)} has started`),
  ];
}

function counterMoved(what: string, before: number, after: number): readonly string[] {
  return before === after ? [] : [`${what} ${after}, not ${before} any more`];
}

function slotOf(process: string): string {
  return process.slice(0, process.indexOf(':'));
}
