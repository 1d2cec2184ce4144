import type {
  AppEnvironment,
  ProcessVariable,
  VariableInfo,
} from '../../api/contract/wire/surroundings/environment.ts';
import { appKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import { keyOf } from '../../plan/model/secrets.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';
import { giversOf } from '../../spec/environment/variable-givers.ts';
import { REDACTED, redactVariable, redactorOf } from '../../spec/secrets/redact.ts';
import { secretNames } from '../../spec/secrets/secret-names.ts';
import { describeSource, isReadable } from '../../spec/secrets/variable-source.ts';
import type { AppSpec } from '../../spec/types.ts';
import type { ControllerContext } from '../context/context.ts';
import { toRfc3339 } from '../views/wire-values.ts';
import type { SeenSecrets } from '../secrets/secret-book.ts';
import { processEnvironment } from './process-environment.ts';

type Variables = Readonly<Record<string, string>>;
type Context = Pick<ControllerContext, 'store' | 'observer' | 'driver' | 'secrets'>;

/** A process, with what it was started with and what one in its slot would be started with now. */
interface Running {
  readonly instance: ObservedInstance & { readonly pid: number };
  /** null: it cannot be read. */
  readonly has: Variables | null;
  readonly wanted: Variables;
  /** Hashes of what it has from elsewhere, by variable. */
  readonly hashes: Variables;
  /** Variables that the revision declares that it runs. */
  readonly declared: ReadonlySet<string>;
}

const NOTHING_GIVEN = { values: {}, unresolved: null };

/** Every variable of an app: who gives it, and whether its processes have what they would get now. */
export async function explainEnvironment(
  { project, name }: { readonly project: string; readonly name: string },
  context: Context,
): Promise<Result<AppEnvironment, Failure>> {
  const { store, observer, driver, secrets } = context;
  const key = appKey(project, name);
  const app = store.desiredApp(key);
  const record = store.project(project);
  if (app === undefined || record === undefined)
    return err({ code: 'NOT_FOUND', message: `there is no app ${key}` });
  const running = await Promise.all(
    observer.instancesOf(key).flatMap((instance) => {
      const { pid, state } = instance;
      return pid === null || state === 'exited' ? [] : [runningOf({ ...instance, pid }, app, context)];
    }),
  );
  const seen = await secrets.look(app.spec);
  const base = driver.surroundings({ ...app, spec: { ...app.spec, env: {} } }, 0, {
    secrets: NOTHING_GIVEN,
  }).env;
  const first = driver.surroundings(app, 0, { secrets: NOTHING_GIVEN }).env;
  const names = new Set([
    ...Object.keys(first),
    ...Object.keys(app.spec.env_from),
    ...running.flatMap(({ wanted, has, declared }) => [
      ...Object.keys(wanted),
      ...[...declared].filter((variable) => has?.[variable] !== undefined),
    ]),
  ]);
  const around = { environment: first, base };
  const variables = [...names]
    .toSorted()
    .map((variable) => variableInfo(variable, { app, running, seen, around }));
  const { source } = record;
  const { revision } = app;
  return ok({ apiVersion: 'v1', kind: 'AppEnvironment', project, name, revision, source, variables });
}

async function runningOf(
  instance: Running['instance'],
  app: DesiredApp,
  { driver, secrets, store }: Context,
): Promise<Running> {
  const { pid, nonce, slot, ports, revision } = instance;
  const has = await processEnvironment(pid, nonce);
  const { env: wanted } = driver.surroundings(app, slot, { ports, secrets: NOTHING_GIVEN });
  const started = revision === app.revision ? undefined : await store.revision(app.project, revision);
  const before =
    started?.ok === true ? started.value.spec.apps.find(({ name }) => name === app.spec.name) : undefined;
  const hashes = has === null ? knownHashes(instance) : secrets.ofProcess(app.spec, has);
  const declared = new Set([...Object.keys(before?.env ?? {}), ...Object.keys(before?.env_from ?? {})]);
  return { instance, has, wanted, hashes, declared };
}

/** As they were noted when it was started. */
function knownHashes({ code }: ObservedInstance): Variables {
  return code?.secrets ?? code?.readSecrets ?? {};
}

interface Around {
  readonly app: DesiredApp;
  readonly running: readonly Running[];
  readonly seen: SeenSecrets;
  readonly around: { readonly environment: Variables; readonly base: Variables };
}

function variableInfo(name: string, { app: { spec }, running, seen, around }: Around): VariableInfo {
  const source = spec.env_from[name];
  const show = shower(name, spec);
  const values = new Set(running.map(({ wanted }) => wanted[name]));
  const value = values.size > 1 || source !== undefined ? undefined : (around.environment[name] ?? undefined);
  const problem = seen.problems[name];
  return {
    name,
    givers: giversOf(name, spec, around),
    value: value === undefined ? null : show(value),
    ...(source !== undefined && { reads: describeSource(source) }),
    ...(problem !== undefined && { problem: redactorOf(spec)(problem) }),
    processes: running.map((one) => processVariable(name, { one, spec, seen, show })),
  };
}

function processVariable(
  name: string,
  at: {
    readonly one: Running;
    readonly spec: AppSpec;
    readonly seen: SeenSecrets;
    readonly show: (value: string) => string;
  },
): ProcessVariable {
  const { slot, pid, startedAt } = at.one.instance;
  const found = { slot, pid, startedAt: toRfc3339(startedAt) };
  const state = stateOf(name, at);
  const has = at.one.has?.[name];
  const shown = has === undefined || at.spec.env_from[name] !== undefined ? REDACTED : at.show(has);
  const isTold = (state === 'older' || state === 'gone') && shown !== REDACTED;
  return { ...found, state, ...(isTold && { value: shown }) };
}

function stateOf(
  name: string,
  { one, spec, seen }: { readonly one: Running; readonly spec: AppSpec; readonly seen: SeenSecrets },
): ProcessVariable['state'] {
  const { has, wanted, hashes } = one;
  const source = spec.env_from[name];
  if (source !== undefined) {
    const isKept = has === null || has[name] !== undefined;
    if (!isReadable(source)) return isKept ? 'as-started' : 'absent';
    const now = seen.hashes[name];
    const then = hashes[name];
    if (then === undefined || now === undefined) return isKept ? 'as-started' : 'absent';
    if (keyOf(now) !== keyOf(then)) return 'as-started';
    return now === then ? 'same' : 'rotated';
  }
  if (has === null) return 'unknown';
  const [mine, theirs] = [wanted[name], has[name]];
  if (mine === theirs) return 'same';
  if (mine === undefined) return 'gone';
  return theirs === undefined ? 'absent' : 'older';
}

/** How a value of the variable is shown. */
function shower(name: string, spec: AppSpec): (value: string) => string {
  const isSecret = secretNames(spec.secrets);
  const text = redactorOf(spec);
  return (value) => text(redactVariable(name, value, isSecret));
}
