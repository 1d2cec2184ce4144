import type { App } from '../api/wire.ts';
import type { AppKey } from '../lib/app-key.ts';
import { appKey } from '../lib/app-key.ts';
import { denormaliseApp } from '../spec/denormalise.ts';
import { redactSpec } from '../spec/redact.ts';
import { sameValue } from '../spec/same-value.ts';
import type { AppSpec, ProjectSpec } from '../spec/types.ts';
import { renderYaml } from './views/yaml.ts';

const CONTEXT_LINES = 3;
const SEPARATOR = /^=+\n/;

/** One app that differs. */
export interface AppDiff {
  readonly app: AppKey;
  /** `added`: only declared; `removed`: only live, and apply would remove it. */
  readonly kind: 'added' | 'removed' | 'changed';
  /** Unified diff from `live/project/name` to `declared/project/name`, secrets redacted. */
  readonly diff: string;
}

export interface DiffScope {
  /** Whether live apps that the file does not name count as removed. */
  readonly prune: boolean;
  readonly only: readonly string[] | null;
}

/** Compares projects as declared with the apps that are live, app by app in the order of their keys. */
export async function diffProjects(
  projects: readonly ProjectSpec[],
  live: readonly App[],
  { prune, only }: DiffScope,
): Promise<readonly AppDiff[]> {
  const diffs: AppDiff[] = [];
  for (const { project, apps } of projects) {
    const declared = new Map(apps.map((spec) => [spec.name, spec]));
    const before = new Map(
      live.flatMap((app) =>
        app.project === project && app.spec !== null ? [[app.name, liveSide(app, app.spec)]] : [],
      ),
    );
    for (const name of [...new Set([...declared.keys(), ...before.keys()])].toSorted()) {
      if (only !== null && !only.includes(name)) continue;
      const [from = null, to = null] = [before.get(name), declared.get(name)];
      if (to === null && !prune) continue;
      const diff = await diffApp(appKey(project, name), from, to);
      if (diff !== null) diffs.push(diff);
    }
  }
  return diffs;
}

/** An app as it is live: its declaration, with what an operator has put in its place since. */
interface LiveSide {
  readonly spec: AppSpec;
  /** A line on what no field of the spec says; empty: nothing. */
  readonly note: string;
}

function liveSide({ status: { override } }: App, spec: AppSpec): LiveSide {
  return {
    spec: { ...spec, instances: override?.instances ?? spec.instances },
    note: override?.run === 'stopped' ? `# stopped by ${override.by} at ${override.at}\n` : '',
  };
}

async function diffApp(
  key: AppKey,
  side: LiveSide | null,
  declared: AppSpec | null,
): Promise<AppDiff | null> {
  const live = side?.spec ?? null;
  // Most apps are as declared, and writing both sides out is slow.
  if ((side?.note ?? '') === '' && sameValue(live, declared)) return null;
  const { createTwoFilesPatch } = await import('diff');
  const [before, after] = redactPair(live, declared);
  const [from, to] = [(side?.note ?? '') + (await yamlOf(before)), await yamlOf(after)];
  if (from === to) return null;
  const names = [
    live === null ? '/dev/null' : `live/${key}`,
    declared === null ? '/dev/null' : `declared/${key}`,
  ] as const;
  const patch = createTwoFilesPatch(...names, from, to, undefined, undefined, { context: CONTEXT_LINES });
  const kind = live === null ? 'added' : declared === null ? 'removed' : 'changed';
  // Tabs after the names and the line above them belong to other formats than git's.
  return { app: key, kind, diff: patch.replace(SEPARATOR, '').replace(/^(---|\+\+\+) (.*)\t$/gm, '$1 $2') };
}

async function yamlOf(value: unknown): Promise<string> {
  return value === null ? '' : renderYaml(value);
}

/** Both sides without secrets, where a secret that differs is marked on the declared side. */
function redactPair(live: AppSpec | null, declared: AppSpec | null): readonly [unknown, unknown] {
  const shownLive = live === null ? null : denormaliseApp(redactSpec(live));
  const shownDeclared = declared === null ? null : denormaliseApp(redactSpec(declared));
  if (live === null || declared === null) return [shownLive, shownDeclared];
  return [
    shownLive,
    markChanged({
      shown: shownDeclared,
      shownBefore: shownLive,
      raw: denormaliseApp(declared),
      rawBefore: denormaliseApp(live),
    }),
  ];
}

interface Compared {
  readonly shown: unknown;
  readonly shownBefore: unknown;
  readonly raw: unknown;
  readonly rawBefore: unknown;
}

/** `shown`, with ` (changed)` behind every text that looks the same as before and is not. */
function markChanged({ shown, shownBefore, raw, rawBefore }: Compared): unknown {
  if (typeof shown === 'string') {
    return shown === shownBefore && raw !== rawBefore ? `${shown} (changed)` : shown;
  }
  if (Array.isArray(shown)) {
    return shown.map((value: unknown, index) =>
      markChanged({
        shown: value,
        shownBefore: itemOf(shownBefore, index),
        raw: itemOf(raw, index),
        rawBefore: itemOf(rawBefore, index),
      }),
    );
  }
  if (typeof shown !== 'object' || shown === null) return shown;
  return Object.fromEntries(
    Object.entries(shown).map(([key, value]: [string, unknown]) => [
      key,
      markChanged({
        shown: value,
        shownBefore: itemOf(shownBefore, key),
        raw: itemOf(raw, key),
        rawBefore: itemOf(rawBefore, key),
      }),
    ]),
  );
}

function itemOf(container: unknown, key: string | number): unknown {
  if (typeof container !== 'object' || container === null) return undefined;
  return (container as Readonly<Record<string | number, unknown>>)[key];
}
