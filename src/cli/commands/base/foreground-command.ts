import { runCommand } from '../../../boot/run-command.ts';
import type { EventInfo } from '../../../api/contract/wire/events.ts';
import { checkHome, prepareHome } from '../../../home/check.ts';
import { homeLayout } from '../../../home/layout.ts';
import { appKey, type AppKey } from '../../../lib/app-key.ts';
import { FailureError } from '../../../lib/failure.ts';
import type { AppSpec, ProjectSpec } from '../../../spec/types.ts';
import { applyRequest } from '../../declare/applying.ts';
import { checkedOutCommits } from '../../declare/git-commit.ts';
import type { Declared } from '../../declare/project-files.ts';
import { appMeant } from '../../declare/app-meant.ts';
import { orphanWarning } from '../../foreground/container-init.ts';
import { logRoomWarning } from '../../foreground/log-room.ts';
import { openOutput, type Output } from '../../foreground/output.ts';
import { runApps } from '../../foreground/run-apps.ts';
import { openOffline } from '../../session/connect.ts';
import { unwrap } from '../../session/failures.ts';
import { noticeReady } from '../../session/ready-notice.ts';
import { jsonView, textView, type RunView } from '../../views/apps/run-output.ts';
import { BaseCommand } from './base-command.ts';

/** What a foreground run is about. */
export interface ForegroundRun {
  readonly declared: Declared;
  /** As it stands in the history. */
  readonly command: string;
  readonly only: readonly string[] | null;
  readonly format: 'text' | 'json';
  /** The app whose end ends the run, as it was typed. */
  readonly exitWith: string | undefined;
  /** The home is taken away afterwards. Default: it stays. */
  readonly isOwnHome?: boolean;
  readonly guards: { readonly allowWipe: boolean; readonly takeOver: boolean };
  /** Whether an event is shown; absent: all are. */
  readonly shows?: (event: EventInfo) => boolean;
  /** Told of every event of an app. */
  readonly onEvent?: (event: EventInfo) => void;
  /** Called when the own output is open, for what is to be said first. */
  readonly introduce?: (note: (text: string) => void) => void;
}

/** Commands that are the daemon and the apps, as one process in the foreground. */
export abstract class ForegroundCommand extends BaseCommand {
  /** Gives the exit code, which may be that of an app. */
  protected async runInForeground(run: ForegroundRun): Promise<number> {
    const { declared, only } = run;
    const apps = appsOf(declared.projects, only);
    const exitWith =
      run.exitWith === undefined ? null : appMeant('--exit-with', run.exitWith, [...apps.keys()]);
    await this.#prepare();
    const output = openOutput();
    const { context } = this;
    const { stdout, stderr } = output;
    this.context = Object.create(context, { streams: { value: { stdout, stderr } } }) as typeof context;
    await this.printDeclared(declared);
    const view = run.format === 'json' ? jsonView(() => context.clock.now()) : this.#textView(apps, output);
    const say = (text: string): void => void stderr.write(view.note(text));
    run.introduce?.(say);
    const room = logRoomWarning([...apps.values()], this.home);
    for (const text of [orphanWarning(), room, restartWarning(exitWith, apps)]) if (text !== null) say(text);
    return runApps({
      layout: homeLayout(this.home),
      context: this.context,
      api: this.connect(),
      offline: () => openOffline({ home: this.home, context: this.context }),
      request: applyRequest(declared.projects, run.command, {
        only,
        ...run.guards,
        commits: checkedOutCommits(declared.projects),
        readFrom: declared.readFrom,
      }),
      watched: { apps: new Set(apps.keys()), exitWith },
      isOwnHome: run.isOwnHome === true,
      view: quieter(view, run),
      output,
      onUp: (signal) => this.#tellServiceManager(signal),
    });
  }

  async #prepare(): Promise<void> {
    const unsafe = checkHome(this.home);
    if (unsafe !== null) throw new FailureError(unsafe);
    const running = await this.connect().status();
    if (running.ok) {
      throw new FailureError({
        code: 'CONFLICT',
        message: `the daemon of ${this.home} runs already (pid ${running.value.controller?.pid ?? 'unknown'})`,
        hint: 'give the file to it with stateward apply -f FILE; or stateward daemon stop --all ends it; or --home DIR',
      });
    }
    unwrap(prepareHome(homeLayout(this.home)));
  }

  #textView(apps: ReadonlyMap<AppKey, AppSpec>, { stdout, stderr }: Output): RunView {
    const projects = new Set([...apps.keys()].map((key) => key.split('/', 1)[0] ?? ''));
    const [project = null] = projects.size === 1 ? projects : [];
    return textView({
      styles: { out: this.outStyle, err: this.errStyle },
      escape: { out: stdout.isTTY === true, err: stderr.isTTY === true },
      project,
      labels: [...apps].map(
        ([key, { name, instances }]) => `${project === null ? key : name}:${Math.max(0, instances - 1)}`,
      ),
    });
  }

  #tellServiceManager(signal: AbortSignal): void {
    const { env, clock } = this.context;
    const note = (text: string): void => this.note(text);
    void noticeReady({ env, api: this.connect(), clock, run: runCommand, signal, note });
  }
}

function quieter(view: RunView, { shows, onEvent }: ForegroundRun): RunView {
  return {
    ...view,
    event(event) {
      onEvent?.(event);
      return shows?.(event) === false ? '' : view.event(event);
    },
  };
}

function appsOf(
  projects: readonly ProjectSpec[],
  only: readonly string[] | null,
): ReadonlyMap<AppKey, AppSpec> {
  const apps = projects.flatMap(({ project, apps }) =>
    apps.map((spec) => [appKey(project, spec.name), spec] as const),
  );
  return new Map(apps.filter(([, { name }]) => only?.includes(name) ?? true));
}

/** An app that is started again whenever it ends never ends for good by itself. */
function restartWarning(key: AppKey | null, apps: ReadonlyMap<AppKey, AppSpec>): string | null {
  const spec = key === null ? undefined : apps.get(key);
  if (spec === undefined || !spec.autorestart || spec.stop_exit_codes.length > 0) return null;
  return `${spec.name} is started again whenever it ends, so the run does not end with it: autorestart: false, or stop_exit_codes`;
}
