import { closeSync, openSync } from 'node:fs';
import type { ApiCalls } from '../../api/contract/endpoints/backend.ts';
import type { ApplyRequest } from '../../api/contract/wire/apply.ts';
import { FailureError, type Failure } from '../../lib/failure.ts';
import type { HomeLayout } from '../../home/layout.ts';
import { namedHolder } from '../../home/silent.ts';
import type { Api } from '../session/api.ts';
import type { CliContext } from '../session/context.ts';
import { daemonLogSize, startFailure } from '../session/daemon-process.ts';
import { untilEnded } from '../../home/until-ended.ts';
import { superviseDaemon } from '../session/supervise-daemon.ts';
import type { RunView } from '../views/apps/run-output.ts';
import { awaitVerdict, followEvents } from './follow-run.ts';
import { stopLeftovers } from './leftover-apps.ts';
import { listenForLines } from './line-listener.ts';
import type { Output } from './output.ts';
import type { Verdict, Watched } from './verdict.ts';

export interface RunOptions {
  readonly layout: HomeLayout;
  readonly context: CliContext;
  readonly api: Api;
  /** The daemon program for one answer, without a controller. */
  readonly offline: () => Promise<ApiCalls>;
  readonly request: ApplyRequest;
  readonly watched: Watched;
  readonly view: RunView;
  readonly output: Output;
  /** Nobody else has the home, and it is of no use afterwards. */
  readonly isOwnHome: boolean;
  /** What is declared was accepted; the signal fires when the run is over. */
  readonly onUp: (signal: AbortSignal) => void;
}

const POLL_MS = 20;
const STOP_AGAIN_MS = 1_000;

/**
 * Runs the daemon of a home, and the apps of a request, as one process in the foreground.
 *
 *   listening for lines ─▶ controller that starts nothing yet ─▶ applied ─▶ following ─▶ stopping all ─▶ ended
 *                                                                  what is next: a signal, a verdict, nobody reads
 *
 * Gives the exit code: 0 after a stop that was asked for, else that of the verdict. Throws what keeps it from coming up.
 */
export async function runApps(options: RunOptions): Promise<number> {
  const { layout, context, output, view } = options;
  const note = (text: string): void => void output.stderr.write(view.note(text));
  const listener = await listenForLines({
    path: layout.linesSocket,
    onLine: (line) => (line.stream === 'out' ? output.stdout : output.stderr).write(view.line(line)),
    onRemark: note,
    together: output.together,
    isFull: output.isFull,
  });
  if (!listener.ok) throw new FailureError(listenFailure(layout, listener.error));
  output.onFlow(() => listener.value.flow());
  const { clock } = context;
  let end: { readonly code: number; readonly isEmpty: boolean };
  try {
    const { code, isSaidEmpty } = await runDaemon(options, note);
    const isEmpty = await stopLeftovers({ isSaidEmpty, layout, clock, offline: options.offline, note });
    end = { code, isEmpty };
  } finally {
    await listener.value.close();
    await output.flush();
  }
  if (!end.isEmpty) return Math.max(end.code, 1);
  // It ends once nobody reads its lines any more.
  await untilEnded([namedHolder(layout.runnerLock) ?? undefined], clock);
  return end.code;
}

interface DaemonEnd {
  readonly code: number;
  /** The controller was asked to stop everything, and has ended as if it had. */
  readonly isSaidEmpty: boolean;
}

/** Until the controller has ended. */
async function runDaemon(options: RunOptions, note: (text: string) => void): Promise<DaemonEnd> {
  const { layout, context, api, output } = options;
  const { clock } = context;
  const logStart = daemonLogSize(layout.home);
  const log = openSync(layout.daemonLog, 'a', 0o600);
  const over = new AbortController();
  const asked = createAsked(note, clock);
  let pid: number | undefined;
  const ended = superviseDaemon({
    home: layout.home,
    program: context.files.daemon,
    env: context.env,
    clock,
    stopApps: true,
    endsAlong: options.isOwnHome ? 'apps-and-home' : 'apps',
    hangupEnds: [output.stdout, output.stderr].some(({ isTTY }) => isTTY === true),
    output: log,
    firstFlags: ['--await-apply'],
    onStart: (started) => (pid = started),
    onEnding: asked.take,
    note,
  });
  const end = ended.then((code) => ({ kind: 'ended' as const, code }));
  const gone = new Promise<Verdict>((resolve) => {
    output.onGone(() => resolve({ code: 1, reason: 'nobody reads the output any more' }));
  });
  try {
    const up = await Promise.race([end, comeUp(options, { signal: over.signal, isOwn: (by) => by === pid })]);
    if (up.kind === 'refused') {
      // What ran before goes on as it did.
      await stopUntil(end, () => api.stopDaemon({ all: false }), options);
      throw new FailureError(up.failure);
    }
    const next =
      up.kind === 'ended'
        ? up
        : await Promise.race([end, gone, awaitVerdict(options.watched, { api, clock, signal: over.signal })]);
    if (!('kind' in next)) {
      note(`${next.reason}; stopping`);
      await stopUntil(end, () => api.stopDaemon({ all: true }), options);
      return { code: next.code, isSaidEmpty: (await end).code === 0 };
    }
    // One that ends while it comes up may not have met the runner that it has started.
    if (asked.isAsked()) return { code: 0, isSaidEmpty: next.code === 0 && up.kind === 'up' };
    if (next.code === 0) {
      note('somebody has stopped the daemon');
      return { code: 0, isSaidEmpty: false };
    }
    if (up.kind === 'ended') throw new FailureError(startFailure(layout.home, next.code, logStart));
    note(`the controller cannot be started again (code ${next.code}); its log is ${layout.daemonLog}`);
    return { code: 1, isSaidEmpty: false };
  } finally {
    over.abort();
    closeSync(log);
  }
}

type Up = { readonly kind: 'up' } | { readonly kind: 'refused'; readonly failure: Failure };

/** Waits for the own controller, and tells it what is to run. Resolves never when it is aborted before. */
async function comeUp(
  options: RunOptions,
  { signal, isOwn }: { readonly signal: AbortSignal; readonly isOwn: (pid: number | undefined) => boolean },
): Promise<Up> {
  const { api, context, request, output, view } = options;
  const { clock } = context;
  let after: number;
  for (;;) {
    const status = await api.status();
    if (status.ok && isOwn(status.value.controller?.pid)) {
      const newest = await api.events({ selectors: [], limit: 1 });
      after = newest.ok ? (newest.value.items.at(-1)?.seq ?? 0) : 0;
      const applied = await api.apply({ ...request, begins: true });
      if (applied.ok) break;
      // It has died over it, or was told to end: then this is aborted.
      if (applied.error.code !== 'DAEMON_UNREACHABLE') return { kind: 'refused', failure: applied.error };
    }
    await new Promise<void>((resolve) => clock.after(POLL_MS, resolve));
    if (signal.aborted) return new Promise(() => undefined);
  }
  void followEvents(after, (event) => output.stderr.write(view.event(event)), { api, clock, signal });
  options.onUp(signal);
  return { kind: 'up' };
}

/** Asks for the end again where the controller has died over it: the next one knows nothing of it. */
async function stopUntil(
  end: Promise<unknown>,
  ask: () => Promise<unknown>,
  { context: { clock } }: Pick<RunOptions, 'context'>,
): Promise<void> {
  const ended = end.then(() => true);
  for (;;) {
    await ask();
    const again = new Promise<boolean>((resolve) => clock.after(STOP_AGAIN_MS, () => resolve(false)));
    if (await Promise.race([ended, again])) return;
  }
}

/** A terminal and a wrapping command both pass a signal on: two within this time count as one. */
const SAME_SIGNAL_MS = 1_000;

function createAsked(
  note: (text: string) => void,
  clock: { monotonic(): number },
): { readonly take: (signal: NodeJS.Signals) => void; readonly isAsked: () => boolean } {
  let askedAt: number | null = null;
  return {
    take(signal) {
      const now = clock.monotonic();
      if (askedAt === null) note(`${signal}: stopping; once more kills what has not ended`);
      else if (now - askedAt > SAME_SIGNAL_MS) note(`${signal} again: killing what has not ended`);
      askedAt ??= now;
    },
    isAsked: () => askedAt !== null,
  };
}

function listenFailure({ home, linesSocket }: HomeLayout, error: NodeJS.ErrnoException): Failure {
  if (error.code === 'EADDRINUSE') {
    return {
      code: 'CONFLICT',
      message: `another stateward run has the home ${home}`,
      hint: 'end it, or give this one a home of its own: --home DIR',
    };
  }
  return { code: 'PERMISSION', message: `cannot listen at ${linesSocket}: ${error.message}` };
}
