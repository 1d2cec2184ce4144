import type { AppKey } from '../lib/app-key.ts';
import type { ExitCode } from '../lib/exit-codes.ts';
import { EXIT } from '../lib/exit-codes.ts';
import { FailureError } from '../lib/failure.ts';
import { formatDuration } from '../lib/units.ts';
import type { AppList, WaitTarget } from '../api/wire.ts';
import type { Api, AppsQuery } from './api.ts';
import type { CliContext } from './context.ts';
import { waitForTargets } from './wait.ts';
import type { Progress, Standing, WaitOutcome } from './wait.ts';
import { lastLogLines } from './last-log-lines.ts';
import type { Style } from './terminal.ts';

const RECONNECT_PAUSE_MS = 200;
/** More targets than this are looked for in the list of all apps. */
const SELECTED_TARGETS = 20;

export interface ConvergeOptions {
  readonly api: Api;
  readonly targets: readonly WaitTarget[];
  readonly timeoutMs: number;
  readonly context: CliContext;
  readonly style: Style;
}

/**
 * Waits on stderr until what was asked for is so. Gives OK or INTERRUPTED; throws APP_FAILED with the last log lines of
 * what failed, or WAIT_TIMEOUT with what is still waited for.
 */
export async function converge(options: ConvergeOptions): Promise<ExitCode> {
  const { api, targets, context, style } = options;
  const interrupt = watchInterrupt();
  const cancels: (() => void)[] = [];
  const streams = new AbortController();
  try {
    const outcome = await waitForTargets({
      targets,
      watch: () => listThenWatch(api, waitQuery(targets), streams.signal),
      onProgress: (app, progress) => {
        context.streams.stderr.write(progressLine(app, progress, style));
      },
      cutOff: Promise.race([
        new Promise<'timeout'>((resolve) => {
          cancels.push(context.clock.after(options.timeoutMs, () => resolve('timeout')));
        }),
        interrupt.happened,
      ]),
      pause: () => new Promise((resolve) => cancels.push(context.clock.after(RECONNECT_PAUSE_MS, resolve))),
    });
    return await conclude(outcome, options);
  } finally {
    streams.abort();
    interrupt.dispose();
    for (const cancel of cancels) cancel();
  }
}

/** The apps to look at. */
function waitQuery(targets: readonly WaitTarget[]): AppsQuery {
  // A selector of an app that has gone finds nothing, which is an error; and a list of selectors has its bounds.
  const everything = targets.length > SELECTED_TARGETS || targets.some(({ gone }) => gone);
  return { selectors: everything ? [] : targets.map(({ app }) => app), spec: 'none', detail: 'brief' };
}

/** Most often all is done when it is looked at first: a plain request is cheaper than a stream. */
async function* listThenWatch(api: Api, query: AppsQuery, signal: AbortSignal): AsyncGenerator<AppList> {
  const now = await api.apps(query);
  if (now.ok) yield now.value;
  yield* api.watchApps(query, { signal });
}

async function conclude(outcome: WaitOutcome, options: ConvergeOptions): Promise<ExitCode> {
  switch (outcome.kind) {
    case 'converged':
      return EXIT.OK;
    case 'interrupted':
      options.context.streams.stderr.write(
        'interrupted: the daemon goes on with it. Follow with: stateward get -w\n',
      );
      return EXIT.INTERRUPTED;
    case 'timeout':
      throw new FailureError({
        code: 'WAIT_TIMEOUT',
        message: `not converged after ${formatDuration(options.timeoutMs)}; the daemon goes on with it`,
        details: [...outcome.pending.map(standingLine), ...blockerLines(outcome.pending)],
        hint: 'follow with stateward get -w, or allow more with --timeout',
      });
    case 'failed':
      throw new FailureError({
        code: 'APP_FAILED',
        message: outcome.failed.map(({ app }) => app).join(', ') + ' failed',
        details: await failedDetails(outcome.failed, options.api),
        hint: `stateward logs ${outcome.failed[0]?.app ?? ''} shows more`,
      });
  }
}

async function failedDetails(failed: readonly Standing[], api: Api): Promise<readonly string[]> {
  const details: string[] = [];
  for (const standing of failed) {
    const lines = await lastLogLines(standing.app, api);
    details.push(standingLine(standing), ...lines.map((line) => `  ${line}`));
  }
  return details;
}

/** Who keeps others from going on: the far ends of chains of dependencies. */
function blockerLines(pending: readonly Standing[]): readonly string[] {
  const blocked = new Map<AppKey, AppKey[]>();
  for (const { app, blockedBy } of pending) {
    if (blockedBy !== undefined) blocked.set(blockedBy, [...(blocked.get(blockedBy) ?? []), app]);
  }
  return [...blocked].map(
    ([app, others]) => `${app} blocks ${others.sort().join(' and ')}; stateward why ${app} says more`,
  );
}

function standingLine({ app, text }: Standing): string {
  return `${app}: ${text}`;
}

function progressLine(app: AppKey, { state, text }: Progress, style: Style): string {
  switch (state) {
    case 'done':
      return `${style.green('✓')} ${app}  ${text}\n`;
    case 'failed':
      return `${style.red('✗')} ${app}  ${text}\n`;
    case 'waiting':
      return `${style.dim('…')} ${app}  ${text}\n`;
  }
}

/** SIGINT while waiting: the first ends the waiting, a second one ends the process as usual. */
function watchInterrupt(): { readonly happened: Promise<'interrupted'>; dispose(): void } {
  let listener: () => void = () => undefined;
  const happened = new Promise<'interrupted'>((resolve) => {
    listener = () => resolve('interrupted');
  });
  process.once('SIGINT', listener);
  return { happened, dispose: () => void process.removeListener('SIGINT', listener) };
}
