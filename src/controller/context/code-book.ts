import { join } from 'node:path';
import { readCodeAndFiles } from '../../code/files-read.ts';
import { CodeReader } from '../../code/code-reader.ts';
import { describeDifference, Manifests } from '../../code/manifests.ts';
import type { CodeReading, CodeRequest, CodeResult } from '../../code/reading.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { Cancel } from '../../lib/clocks/clock.ts';
import { Listeners } from '../../lib/listeners.ts';
import { oldestAside, oldestCode, type CodeRunner } from '../../plan/decide/code.ts';
import { asideIdentity, type CodeChange, type CodeIdentity } from '../../plan/model/code.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import { filesBeside } from '../../spec/release-paths.ts';
import { secretIdentity } from '../../plan/decide/reload-code.ts';
import { describeRotation, rotatedSecrets, secretsToRead } from '../../plan/model/secrets.ts';
import type { AppSpec } from '../../spec/types.ts';
import type { SecretBook, SeenSecrets } from '../secrets/secret-book.ts';
import type { Store } from '../../state/store.ts';

/**
 * Apps that start within this time of each other share a reading, which may be a second old then. Code that changes meanwhile
 * is known as what it was before: the next comparison finds the change, and nothing runs older code unseen.
 */
const SHARED_BY_STARTS_MS = 250;

/** The code on disk at one moment. */
export interface CodeOnDisk {
  /** By app; one whose code is not known is missing. */
  readonly identities: ReadonlyMap<AppKey, CodeIdentity>;
  /**
   * How the code differs from what these processes of the app run; undefined: it does not, as far as is known.
   */
  readonly changeOf: (key: AppKey, runners: readonly CodeRunner[]) => CodeChange | undefined;
  /** The same of code that the file has not compared (`code: off`). */
  readonly asideOf: (key: AppKey, runners: readonly CodeRunner[]) => CodeChange | undefined;
  /** Which files that a reload reads again differ from what these processes have read; empty: not known. */
  readonly filesChanged: (key: AppKey, runners: readonly CodeRunner[]) => string;
  /** Which values that a reload reads again were rotated since these processes read them, in words. */
  readonly rotationsToRead: (key: AppKey, runners: readonly CodeRunner[]) => readonly string[];
  /** Secrets that a start of the app would fail for, each with the way out. */
  readonly secretProblems: ReadonlyMap<AppKey, readonly string[]>;
  /** Why the code of an app is not known, or what of it was not compared. */
  readonly limits: ReadonlyMap<AppKey, CodeLimit>;
}

export interface CodeLimit {
  /** Nothing is known of it. */
  readonly unknown: boolean;
  readonly message: string;
}

/** What the controller knows of the code of apps. */
export interface CodeBook {
  read(requests: readonly CodeRequest[]): Promise<CodeOnDisk>;
  /** What a process of the app would run that is started now; undefined: it is not known. */
  ofStart(app: DesiredApp): Promise<CodeIdentity | undefined>;
  /** The code of accepted apps, kept for `last`. */
  refresh(apps: readonly DesiredApp[]): Promise<void>;
  /** Calls `listener` after every refresh. */
  onRefresh(listener: () => void): Cancel;
  /** How the code of an accepted app, as any refresh or start has read it last, differs from what these run. */
  changeOf(app: DesiredApp, instances: readonly CodeRunner[]): CodeChange | undefined;
  asideOf(app: DesiredApp, instances: readonly CodeRunner[]): CodeChange | undefined;
  limitOf(app: DesiredApp): CodeLimit | undefined;
  /** As `secretProblems`, of what was read last. */
  secretProblemsOf(app: DesiredApp): readonly string[];
  rotationsToRead(app: DesiredApp, instances: readonly CodeRunner[]): readonly string[];
}

export interface CodeBookOptions {
  readonly stateDir: string;
  readonly store: Pick<Store, 'project'>;
  readonly readOnly?: boolean;
  readonly secrets: Pick<SecretBook, 'look'>;
  /** Gets what a listener throws. */
  readonly onError: (error: unknown) => void;
}

export function codeBook({ stateDir, store, secrets, readOnly = false, onError }: CodeBookOptions): CodeBook {
  const reader = new CodeReader();
  const manifests = new Manifests(join(stateDir, 'code'), { readOnly });
  /** With the template that it was read for: another one runs something else. */
  const known = new Map<AppKey, { readonly templateHash: string; readonly read: CodeOnDisk }>();
  const refreshed = new Listeners<void>(onError);
  const knownOf = ({ key, templateHash }: DesiredApp): CodeOnDisk | undefined => {
    const last = known.get(key);
    return last?.templateHash === templateHash ? last.read : undefined;
  };
  const requestOf = ({ key, project, spec }: DesiredApp): CodeRequest => {
    const source = store.project(project)?.source;
    return { key, spec, files: source === undefined ? [] : filesBeside(source, spec) };
  };
  const remember = (
    apps: readonly DesiredApp[],
    results: ReadonlyMap<AppKey, CodeResult>,
    seen: SeenByApp,
  ): void => {
    const read = onDisk(results, seen, manifests);
    for (const { key, templateHash } of apps) known.set(key, { templateHash, read });
  };
  return {
    changeOf: (app, instances) => knownOf(app)?.changeOf(app.key, instances),
    asideOf: (app, instances) => knownOf(app)?.asideOf(app.key, instances),
    limitOf: (app) => knownOf(app)?.limits.get(app.key),
    secretProblemsOf: (app) => knownOf(app)?.secretProblems.get(app.key) ?? [],
    rotationsToRead: (app, instances) => knownOf(app)?.rotationsToRead(app.key, instances) ?? [],
    async read(requests) {
      const [results, seen] = await Promise.all([
        readCodeAndFiles(reader, requests),
        seeSecrets(requests, secrets),
      ]);
      return onDisk(results, seen, manifests);
    },
    async refresh(apps) {
      const requests = apps.map(requestOf);
      const [results, seen] = await Promise.all([
        readCodeAndFiles(reader, requests),
        seeSecrets(requests, secrets),
      ]);
      remember(apps, results, seen);
      refreshed.tell();
    },
    onRefresh: (listener) => refreshed.add(listener),
    async ofStart(app) {
      const requests = [requestOf(app)];
      const [results, seen] = await Promise.all([
        readCodeAndFiles(reader, requests, { maxAgeMs: SHARED_BY_STARTS_MS }),
        seeSecrets(requests, secrets),
      ]);
      remember([app], results, seen);
      const result = results.get(app.key);
      if (result === undefined || 'unknown' in result) return undefined;
      // Nobody waits for it: without it, a later change is shown without its details.
      void manifests.keep(result);
      if (result.aside !== undefined) void manifests.keep(result.aside);
      if (result.read !== undefined) void manifests.keep(result.read);
      return result.identity;
    },
  };
}

function onDisk(results: ReadonlyMap<AppKey, CodeResult>, seen: SeenByApp, manifests: Manifests): CodeOnDisk {
  const readings = new Map<AppKey, CodeReading>();
  const limits = new Map<AppKey, CodeLimit>();
  for (const [key, result] of results) {
    if ('unknown' in result) limits.set(key, { unknown: true, message: result.unknown });
    else {
      readings.set(key, withSecrets(result, seen.get(key)));
      if (result.leftOut !== null) limits.set(key, { unknown: false, message: result.leftOut });
    }
  }
  return {
    identities: new Map([...readings].map(([key, { identity }]) => [key, identity])),
    limits,
    secretProblems: new Map([...seen].map(([key, { problems }]) => [key, Object.values(problems)])),
    rotationsToRead: (key, instances) => {
      const [after, look] = [readings.get(key)?.identity, seen.get(key)];
      if (after === undefined || look === undefined) return [];
      const names = instances.flatMap(({ code }) => (code === undefined ? [] : secretsToRead(code, after)));
      return [...new Set(names)].map((name) => describeRotation(name, look.spec));
    },
    changeOf: (key, instances) => {
      const reading = readings.get(key);
      return reading === undefined
        ? undefined
        : withRotations(codeChange(reading, instances, manifests), seen.get(key)?.spec);
    },
    filesChanged: (key, instances) => {
      const after = readings.get(key)?.read;
      const before = instances.find(
        ({ code }) => code?.read !== undefined && code.read !== after?.identity.id,
      );
      if (after === undefined || before?.code?.read === undefined) return '';
      return describeDifference(manifests.get(before.code.read), after);
    },
    asideOf: (key, instances) => {
      const reading = readings.get(key);
      return reading === undefined ? undefined : asideChange(reading, instances, manifests);
    },
  };
}

type SeenByApp = ReadonlyMap<AppKey, SeenSecrets & { readonly spec: AppSpec }>;

/** Of the apps that have any. */
async function seeSecrets(
  requests: readonly CodeRequest[],
  secrets: Pick<SecretBook, 'look'>,
): Promise<SeenByApp> {
  const having = requests.filter(({ spec }) => Object.keys(spec.env_from).length > 0);
  const seen = await Promise.all(
    having.map(async ({ key, spec }) => [key, { ...(await secrets.look(spec)), spec }] as const),
  );
  return new Map(seen);
}

function withSecrets(
  reading: CodeReading,
  seen: (SeenSecrets & { readonly spec: AppSpec }) | undefined,
): CodeReading {
  if (seen === undefined) return reading;
  return { ...reading, identity: secretIdentity(reading.identity, seen.hashes, seen.spec) };
}

function withRotations(change: CodeChange | undefined, spec: AppSpec | undefined): CodeChange | undefined {
  if (change === undefined || spec === undefined) return change;
  const names = rotatedSecrets(change.before, change.after);
  if (names.length === 0) return change;
  return {
    ...change,
    rotated: Object.fromEntries(names.map((name) => [name, describeRotation(name, spec)])),
  };
}

function asideChange(
  { identity, aside }: CodeReading,
  instances: readonly CodeRunner[],
  manifests: Manifests,
): CodeChange | undefined {
  const before = oldestAside(instances, identity);
  const after = asideIdentity(identity);
  if (aside === undefined || before === undefined || after === undefined) return undefined;
  return { before, after, note: describeDifference(manifests.get(before.id), aside) };
}

function codeChange(
  reading: CodeReading,
  instances: readonly CodeRunner[],
  manifests: Manifests,
): CodeChange | undefined {
  const before = oldestCode(instances, reading.identity);
  if (before === undefined) return undefined;
  return { before, after: reading.identity, note: describeDifference(manifests.get(before.id), reading) };
}
