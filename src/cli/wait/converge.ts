import { START_DAEMON } from '../../api/contract/no-daemon.ts';
import type { AppKey } from '../../lib/app-key.ts';
import { splitAppKey } from '../../lib/app-key.ts';
import type { ExitCode } from '../../lib/exit-codes.ts';
import { EXIT } from '../../lib/exit-codes.ts';
import { FailureError } from '../../lib/failure.ts';
import type { Failure } from '../../lib/failure.ts';
import { formatDuration } from '../../lib/units.ts';
import { isRollout } from '../../api/contract/progress/progress.ts';
import type { WaitTarget } from '../../api/contract/wire/apply.ts';
import type { AppList } from '../../api/contract/wire/apps.ts';
import type { Api, AppsQuery } from '../session/api.ts';
import type { CliContext } from '../session/context.ts';
import { interruption } from '../session/interruption.ts';
import { progressDisplay } from './progress-display.ts';
import { pendingLines, waitFailures } from './wait-failures.ts';
import { waitForTargets } from './wait.ts';
import type { TargetStatus, WaitOptions, WaitOutcome } from './wait.ts';
import { createFailureLog } from './failure-log.ts';
import type { FailureLog } from './failure-log.ts';
import { GOALS } from './goals.ts';
import type { Assess, WaitGoal } from './goals.ts';
import type { Style } from '../views/text/terminal.ts';

const RECONNECT_PAUSE_MS = 200;
/** More targets than this are looked for in the list of all apps. */
const SELECTED_TARGETS = 20;

export type UndoCommand = (apps: readonly AppKey[]) => string;

/** Of one app that app; else its project, and where there are several, one has to be chosen. */
export function rollbackOf(apps: readonly AppKey[]): string {
  const projects = [...new Set(apps.map((app) => splitAppKey(app).project))];
  const [subject] = apps.length === 1 ? apps : projects.length === 1 ? projects : [];
  return `stateward rollback ${subject ?? 'PROJECT'}`;
}

export interface ConvergeOptions {
  readonly api: Api;
  readonly targets: readonly WaitTarget[];
  readonly timeoutMs: number;
  readonly context: CliContext;
  readonly style: Style;
  /** The command that takes back what is waited for, of the apps that are being rolled out. */
  readonly undo?: UndoCommand | undefined;
  /** What is waited for where nothing was asked for before. Absent: that all is as an apply, or a verb, has asked for. */
  readonly goal?: WaitGoal;
  /** Where a target stands. Absent: as the goal, or an apply, has it. */
  readonly assess?: Assess;
  readonly isEnough?: WaitOptions['isEnough'];
}

/**
 * Waits on stderr until what was asked for is so. Gives OK or INTERRUPTED; throws APP_FAILED or ROLLOUT_FAILED with the
 * last log lines of what failed, SUPERSEDED, or WAIT_TIMEOUT with what is still waited for.
 */
export async function converge(options: ConvergeOptions): Promise<ExitCode> {
  const { api, targets, context, style, goal } = options;
  const interrupt = interruption();
  const cancels: (() => void)[] = [];
  const streams = new AbortController();
  const log = createFailureLog(api);
  const display = progressDisplay(context, style);
  try {
    const outcome = await waitForTargets({
      targets,
      assess: options.assess ?? (goal && GOALS[goal]),
      isEnough: options.isEnough,
      watch: () => listThenWatch(api, waitQuery(targets), streams.signal),
      onProgress: (app, progress) => {
        log.hear(app, progress);
        display.news(app, progress);
      },
      onState: (known) => display.now(known),
      cutOff: Promise.race([
        new Promise<'timeout'>((resolve) => {
          cancels.push(context.clock.after(options.timeoutMs, () => resolve('timeout')));
        }),
        interrupt.happened,
      ]),
      clock: context.clock,
      pause: () => new Promise((resolve) => cancels.push(context.clock.after(RECONNECT_PAUSE_MS, resolve))),
    });
    display.end();
    return await conclude(outcome, options, log);
  } finally {
    display.end();
    streams.abort();
    interrupt.dispose();
    for (const cancel of cancels) cancel();
  }
}

/** The apps to look at. */
export function waitQuery(targets: readonly WaitTarget[]): AppsQuery {
  // A selector of an app that has gone finds nothing, which is an error; and a list of selectors has its bounds.
  const everything = targets.length > SELECTED_TARGETS || targets.some(({ gone }) => gone);
  if (everything) return { selectors: [], spec: 'none', detail: 'brief' };
  // Of a few, their conditions too: they tell of an instance that is not ready in time beside others that serve.
  return { selectors: targets.map(({ app }) => app), spec: 'none' };
}

/** Usually everything is done at the first look, and a plain request is cheaper than a stream. */
export async function* listThenWatch(
  api: Api,
  query: AppsQuery,
  signal: AbortSignal,
): AsyncGenerator<AppList> {
  const now = await api.apps(query);
  if (now.ok) yield now.value;
  yield* api.watchApps(query, { signal });
}

async function conclude(outcome: WaitOutcome, options: ConvergeOptions, log: FailureLog): Promise<ExitCode> {
  if (outcome.kind === 'converged') return EXIT.OK;
  if (outcome.kind === 'interrupted' && options.goal !== undefined) return EXIT.INTERRUPTED;
  if (outcome.kind === 'interrupted') {
    options.context.streams.stderr.write(detachedText(outcome.statuses, options));
    return EXIT.INTERRUPTED;
  }
  throw new FailureError(...(await failuresOf(outcome, options, log)));
}

/** Why a wait has not ended well. */
export async function failuresOf(
  outcome: Extract<WaitOutcome, { readonly kind: 'failed' | 'timeout' | 'interrupted' | 'lost' }>,
  { api, timeoutMs, goal }: Pick<ConvergeOptions, 'api' | 'timeoutMs' | 'goal'>,
  log: FailureLog,
): Promise<readonly [Failure, ...Failure[]]> {
  if (outcome.kind === 'lost') return [lost(outcome.statuses)];
  const failures = await waitFailures(outcome.statuses, api, log);
  if (failures !== null) return failures;
  if (outcome.kind === 'failed') throw new Error('a wait failed without a reason');
  return [
    goal === undefined ? timedOut(outcome.statuses, timeoutMs) : notYet(goal, outcome.statuses, timeoutMs),
  ];
}

function timedOut(statuses: readonly TargetStatus[], timeoutMs: number): Failure {
  const isRolling = statuses.some(({ progress }) => isRollout(progress));
  return {
    code: 'WAIT_TIMEOUT',
    message: `not converged after ${formatDuration(timeoutMs)}; the daemon goes on with it`,
    details: pendingLines(statuses),
    hint: `follow with stateward ${isRolling ? 'rollout status -w' : 'get -w'}, or allow more with --timeout`,
  };
}

function notYet(goal: WaitGoal, statuses: readonly TargetStatus[], timeoutMs: number): Failure {
  const open = statuses.filter(({ progress }) => progress.state === 'waiting');
  return {
    code: 'WAIT_TIMEOUT',
    message: `${open.map(({ app }) => app).join(', ')} not ${goal} after ${formatDuration(timeoutMs)}`,
    details: pendingLines(statuses),
    hint: 'stateward why APP says what it waits for; --timeout allows more',
  };
}

function lost(statuses: readonly TargetStatus[]): Failure {
  return {
    code: 'DAEMON_UNREACHABLE',
    message:
      'the daemon does not answer any more; what was asked for is kept, and nothing goes on until it runs',
    details: pendingLines(statuses),
    hint: START_DAEMON,
  };
}

/** Only the wait has ended: the note says so, how to follow what goes on, and how to undo it. */
function detachedText(statuses: readonly TargetStatus[], { undo }: ConvergeOptions): string {
  const rolling = statuses.flatMap(({ app, progress }) => (isRollout(progress) ? [app] : []));
  const [first] = rolling;
  if (first === undefined) return 'interrupted: the daemon goes on with it. Follow with: stateward get -w\n';
  // A selector of a command that takes one: of several apps, all that are rolled out.
  const followed = rolling.length === 1 ? `${first} ` : '';
  const back = undo === undefined ? '' : `  go back:  ${undo(rolling)}\n`;
  return `interrupted: the daemon goes on with the rollout\n  follow:   stateward rollout status ${followed}-w\n${back}`;
}
