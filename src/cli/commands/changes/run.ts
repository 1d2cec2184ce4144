import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { runCommand } from '../../../boot/run-command.ts';
import { appKey, type AppKey } from '../../../lib/app-key.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { FailureError } from '../../../lib/failure.ts';
import { checkHome, prepareHome } from '../../../home/check.ts';
import { homeLayout } from '../../../home/layout.ts';
import type { AppSpec, ProjectSpec } from '../../../spec/types.ts';
import { applyRequest } from '../../declare/applying.ts';
import { filesNamed } from '../../declare/file-target.ts';
import { checkedOutCommits } from '../../declare/git-commit.ts';
import { readDeclared } from '../../declare/project-files.ts';
import { appMeant } from '../../foreground/app-meant.ts';
import { logRoomWarning } from '../../foreground/log-room.ts';
import { openOutput, type Output } from '../../foreground/output.ts';
import { runApps } from '../../foreground/run-apps.ts';
import { orphanWarning } from '../../foreground/container-init.ts';
import { openOffline } from '../../session/connect.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import { noticeReady } from '../../session/ready-notice.ts';
import { jsonView, textView, type RunView } from '../../views/apps/run-output.ts';
import { BaseCommand } from '../base/base-command.ts';
import { fileFlags, guardFlags, scopeFlags } from '../base/flags.ts';

/** `run`: the daemon and the apps of a file as one process in the foreground. */
export default class Run extends BaseCommand {
  static override summary = 'Run the apps of an ecosystem file in the foreground, as in a container.';
  static override description =
    'Applies the file, shows what the apps write, and stops them, drained and in order, on SIGTERM, SIGINT or Ctrl-C; a ' +
    'second signal kills what has not ended. It is made to be process 1 of a container, and reaps what is left to it.\n\n' +
    `Exit codes:
  0    after a stop that was asked for, or when every app has completed
  1    an app is given up: what it was, and why, is the last line
  N    with --exit-with, the exit code of that app (128 + the number of a signal)
  6    refused by a guard, and nothing was started
  64   wrong use   65   the file is invalid   77   the home cannot be used`;
  static override examples = [
    '<%= config.bin %> run -f ecosystem.yaml --env production',
    '<%= config.bin %> run --format json',
    '<%= config.bin %> run -f ci.yaml --exit-with tests',
  ];
  static override strict = false;
  static override pm2 = 'run' as const;
  static override args = {
    file: Args.string({ description: 'Ecosystem files, as with -f.', ignoreStdin: true }),
  };
  static override flags = {
    ...fileFlags,
    only: scopeFlags.only,
    format: Flags.option({
      options: ['text', 'json'] as const,
      default: 'text' as const,
      description: 'Lines behind the name of their app, or one JSON object a line.',
      helpValue: 'text|json',
    })(),
    'exit-with': Flags.string({
      description: 'End when this app has ended for good, with its exit code.',
      helpValue: 'APP',
    }),
    'allow-wipe': guardFlags['allow-wipe'],
    'take-over': guardFlags['take-over'],
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Run);
    const { only = null } = flags;
    const declared = await readDeclared(this.#files(flags.file, args), flags.env, this.context);
    const apps = appsOf(declared.projects, only);
    const exitWith = flags['exit-with'] === undefined ? null : appMeant(flags['exit-with'], [...apps.keys()]);
    await this.#prepare();
    const output = openOutput();
    const { context } = this;
    const { stdout, stderr } = output;
    this.context = Object.create(context, { streams: { value: { stdout, stderr } } }) as typeof context;
    await this.printDeclared(declared);
    const view = flags.format === 'json' ? jsonView(() => context.clock.now()) : this.#textView(apps, output);
    const room = logRoomWarning([...apps.values()], this.home);
    for (const text of [orphanWarning(), room, restartWarning(exitWith, apps)]) {
      if (text !== null) stderr.write(view.note(text));
    }
    const files = declared.files.join(' -f ');
    const code = await runApps({
      layout: homeLayout(this.home),
      context: this.context,
      api: this.connect(),
      offline: () => openOffline({ home: this.home, context: this.context }),
      request: applyRequest(declared.projects, `run -f ${files}`, {
        only,
        allowWipe: flags['allow-wipe'],
        takeOver: flags['take-over'],
        commits: checkedOutCommits(declared.projects),
      }),
      watched: { apps: new Set(apps.keys()), exitWith },
      view,
      output,
      onUp: (signal) => this.#tellServiceManager(signal),
    });
    // An app's own code may be any.
    return code as ExitCode;
  }

  /** PM2's habit is to name the file without -f. */
  #files(flagged: readonly string[] | undefined, words: readonly string[]): readonly string[] | undefined {
    const [word] = words;
    if (word !== undefined && flagged !== undefined) {
      throw usageError(`unexpected argument: ${word}`, 'name every file with -f, or none');
    }
    const other = words.find((name) => filesNamed([name], () => this.context.cwd) === null);
    if (other !== undefined) {
      throw usageError(
        `${other} is no ecosystem file that is here`,
        `a script is run by a file that declares it: apps: [{ script: ${other} }]; stateward explain apps`,
      );
    }
    return words.length > 0 ? words : flagged;
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
