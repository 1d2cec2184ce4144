import { basename } from 'node:path';
import { resolveSelectors } from '../../api/contract/selectors.ts';
import type { LaunchRequest, LaunchResponse } from '../../api/contract/wire/surroundings/launches.ts';
import type { Surroundings } from '../../driver/driver.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { ErrorCode } from '../../lib/error-codes.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { errorMessage } from '../../lib/system-error.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';
import { asRunBy, effectiveInstances, startable } from '../../plan/slots/effective.ts';
import { isActive } from '../../plan/slots/readiness.ts';
import { findExecutable } from '../../runner/spawn/executable.ts';
import { launchCommand, type LaunchCommand } from '../../runner/spawn/launch-command.ts';
import { outsideOfInstances } from '../../runner/processes/nonce.ts';
import { portsAtHand } from '../../spec/ports/chosen-ports.ts';
import type { GivenPorts } from '../../spec/ports/slot-ports.ts';
import { redactLine } from '../../spec/secrets/redact.ts';
import type { ControllerContext } from '../context/context.ts';
import { catalogue } from '../views/catalogue.ts';

type Context = Pick<ControllerContext, 'store' | 'driver' | 'clock' | 'secrets'>;

/** One slot of an app, with the version that a command in it has to do with. */
interface Place {
  readonly app: DesiredApp;
  readonly slot: number;
  /** What runs there; undefined: nothing. */
  readonly instance: ObservedInstance | undefined;
}

/** Where programs are looked for when the app has no PATH. */
const USUAL_PATH = '/usr/bin:/bin:/usr/sbin:/sbin';

/**
 * POST /v1/launches: what runs a command in the folder, environment and user of one instance, for the client to start.
 * The command is no part of the instance: it does not carry its mark, and is not ended with it.
 */
export async function launchBeside(
  request: LaunchRequest,
  context: Context,
): Promise<Result<LaunchResponse, Failure>> {
  const place = findPlace(request.selectors, context);
  if (!place.ok) return place;
  const { app, slot, instance } = place.value;
  const secrets = await context.secrets.forCommand(app);
  if (secrets.unresolved !== null) return err(unresolvedSecrets(app.key, secrets.unresolved));
  const ports = instance?.ports ?? portsFor(app, slot);
  const around = context.driver.surroundings(app, slot, { ports, secrets });
  const command = await commandIn(around, app, request);
  if (!command.ok) return command;
  const { file, args, cwd, env, umask } = command.value;
  const name = redactLine(basename(request.command[0] ?? ''));
  context.store.appendEvent({
    ...{ at: context.clock.now(), level: 'info', reason: 'Exec', message: `${request.by} ran ${name}` },
    ...{ key: app.key, slot, pid: instance?.pid ?? null, generation: app.generation },
  });
  const note = noteOn(place.value);
  return ok({ app: app.key, slot, file, args, cwd, env: unmarked(env), umask, note });
}

function findPlace(
  selectors: readonly string[],
  { store, driver }: Pick<Context, 'store' | 'driver'>,
): Result<Place, Failure> {
  const targets = resolveSelectors(selectors, catalogue(store));
  if (!targets.ok) return targets;
  const [target, other] = targets.value;
  if (target === undefined) return err({ code: 'SELECTOR_NOT_FOUND', message: 'no app is meant' });
  const words = selectors.join(' ');
  if (other !== undefined) {
    const names = targets.value.map(({ key, slot }) => (slot === null ? key : `${key}:${slot}`));
    return err(severalMeant(words, names));
  }
  const app = store.desiredApp(target.key);
  if (app === undefined) return err({ code: 'NOT_FOUND', message: `there is no app ${target.key}` });
  const live = driver.instancesOf(target.key).filter(isActive);
  const slots = slotsOf(app, live);
  if (target.slot === null && slots.length > 1) {
    return err(
      severalMeant(
        words,
        slots.map((slot) => `${target.key}:${slot}`),
      ),
    );
  }
  const slot = target.slot ?? slots[0] ?? 0;
  // During a surge, the newer one of the pair.
  const instance = live.filter((one) => one.slot === slot).toSorted((a, b) => b.generation - a.generation)[0];
  return ok({ app: instance === undefined ? startable(app) : asRunBy(instance, app), slot, instance });
}

function slotsOf({ spec, override }: DesiredApp, live: readonly ObservedInstance[]): readonly number[] {
  const declared = Array.from({ length: effectiveInstances(spec, override) }, (_, slot) => slot);
  return [...new Set([...declared, ...live.map(({ slot }) => slot)])].toSorted((a, b) => a - b);
}

function unresolvedSecrets(key: AppKey, why: string): Failure {
  return { code: 'SECRET_UNRESOLVED', message: `${key} has variables that cannot be read: ${why}` };
}

function severalMeant(words: string, names: readonly string[]): Failure {
  return {
    code: 'SELECTOR_AMBIGUOUS',
    message: `cannot run a command in ${words}: that is ${names.length} instances or apps`,
    hint: `name one of them: ${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}`,
  };
}

/** Whose environment it is, where that may not be what somebody expects. */
function noteOn({ app, slot, instance }: Place): string | null {
  const name = nameOf(app.key, slot);
  if (instance === undefined) return `${name} does not run: the command has what its next process gets`;
  const { templateHash } = instance;
  const isKnown = templateHash === app.templateHash || templateHash === app.rollout?.previous?.templateHash;
  return isKnown ? null : `${name} runs an older version: the command has what its next process gets`;
}

function nameOf(key: AppKey, slot: number): string {
  return `${key}:${slot}`;
}

async function commandIn(
  around: Surroundings,
  { key, spec }: DesiredApp,
  { command, env: over, user, caller }: LaunchRequest,
): Promise<Result<LaunchCommand, Failure>> {
  const [file = '', ...args] = command;
  const env = { ...around.env, ...over };
  const missing = await whyNotFound(file, env['PATH'] ?? USUAL_PATH, around.cwd);
  if (missing !== null) return err(missing);
  const { umask } = spec;
  const launch = {
    ...{ nonce: 'exec', file, args, cwd: around.cwd, env },
    ...(user === null ? ownUser(around) : userNamed(user)),
    ...(umask !== undefined && { umask: Number.parseInt(umask, 8) }),
  };
  try {
    return ok(await launchCommand(launch, { user: caller, env: process.env }));
  } catch (error) {
    const message = errorMessage(error);
    const code: ErrorCode = message.includes('only root') ? 'PERMISSION' : 'EXEC_FAILED';
    return err({ code, message: `cannot run a command in ${key}: ${message}` });
  }
}

/** The chosen ports that the next process in the slot is told; one that was never started has none yet. */
function portsFor({ spec, ports = {} }: DesiredApp, slot: number): GivenPorts {
  return portsAtHand(spec, slot, { chosen: ports, taken: new Set() }).given;
}

/** Without a user of its own, an app runs as the daemon does, whoever asks. */
function ownUser({ uid, gid }: Surroundings): Pick<Surroundings, 'uid' | 'gid'> {
  if (uid !== null || gid !== null) return { uid, gid };
  return { uid: process.getuid?.() ?? null, gid: process.getgid?.() ?? null };
}

function userNamed(user: string): Pick<Surroundings, 'uid' | 'gid'> {
  const [name = '', group] = user.split(':', 2);
  return { uid: name === '' ? null : name, gid: group ?? null };
}

async function whyNotFound(file: string, path: string, cwd: string): Promise<Failure | null> {
  try {
    if ((await findExecutable(file, path, cwd)) !== null) return null;
    return {
      code: 'EXEC_NOT_FOUND',
      message: `cannot run ${file}: there is no such program`,
      hint: file.includes('/')
        ? `it was looked for from ${cwd}, the folder of the app`
        : `it was looked for on the PATH of the app: ${path}`,
    };
  } catch {
    return { code: 'EXEC_NOT_RUNNABLE', message: `cannot run ${file}: it may not be executed` };
  }
}

/** Without what would make it a part of the instance. */
function unmarked(env: LaunchCommand['env']): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(outsideOfInstances(env)).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}
