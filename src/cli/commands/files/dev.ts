import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { EventInfo } from '../../../api/contract/wire/events.ts';
import { homeLayout } from '../../../home/layout.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { appFlags, givenAppFlags, type AppFlagValues } from '../../declare/app-flags.ts';
import { inDevelopment } from '../../declare/development.ts';
import { filesNamed } from '../../declare/file-target.ts';
import type { Declared } from '../../declare/project-files.ts';
import { declareScript } from '../../declare/start-app.ts';
import { AfterRestart } from '../../foreground/after-restart.ts';
import { isAnswered } from '../../foreground/leftover-apps.ts';
import { outputFiles } from '../../foreground/output-files.ts';
import { makeOwnHome } from '../../foreground/own-home.ts';
import { checkNoFileFlags, readFlagged } from '../../variants/read-flagged.ts';
import type { FileFlags } from '../../variants/variants.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import { fileFlags, scopeFlags } from '../base/flags.ts';
import { ForegroundCommand } from '../base/foreground-command.ts';

/** One line a restart: the new process, with the reason; and whatever is wrong. */
function isTold({ level, message }: EventInfo): boolean {
  return level !== 'info' || message.startsWith('started slot ');
}

/** `dev`: apps in the foreground, watched, apart from everything else on this host. */
export default class Dev extends ForegroundCommand {
  static override summary = 'Work on apps: run them in the foreground, and restart them when a file changes.';
  static override description =
    'Runs a script, or the apps of an ecosystem file, until Ctrl-C stops all of them; once more kills what has not ended. ' +
    'It has a home of its own, which is gone afterwards: the daemon of this user, and another dev, are not touched. Every ' +
    'app is watched (watch: what it names, else its folder), NODE_ENV is development unless it is set, no number of ' +
    'crashes gives an app up, and log files of the project are left alone. Exit codes are those of run.';
  static override usage = [
    'dev SCRIPT [FLAGS] [-- ARGUMENTS]',
    'dev [ECOSYSTEM-FILE] [--only NAME,NAME] [--env NAME]',
  ];
  static override examples = [
    '<%= config.bin %> dev server.js -e PORT=3000 -- --verbose',
    '<%= config.bin %> dev ecosystem.config.js --only api --ignore tmp,public',
  ];
  static override strict = false;
  static override pm2 = 'dev' as const;
  static override passesOn = true;
  static override args = {
    target: Args.string({ description: 'A script, or an ecosystem file.', ignoreStdin: true }),
  };
  static override flags = {
    ...fileFlags,
    only: scopeFlags.only,
    ignore: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      description: 'What is not watched, in addition.',
      helpValue: 'PATH',
    }),
    'post-exec': Flags.string({
      description: 'A shell line that is run after each restart; the next restart ends it.',
      helpValue: 'COMMAND',
    }),
    'silent-exec': Flags.boolean({
      description: 'Leave out what it writes, not that it failed.',
      dependsOn: ['post-exec'],
    }),
    format: Flags.option({
      options: ['text', 'json'] as const,
      default: 'text' as const,
      description: 'Lines behind the name of their app, or one JSON object a line.',
      helpValue: 'text|json',
    })(),
    name: appFlags.name,
    instances: appFlags.instances,
    'set-env': appFlags['set-env'],
    'env-file': appFlags['env-file'],
    'inherit-env': appFlags['inherit-env'],
    interpreter: appFlags.interpreter,
    'interpreter-args': appFlags['interpreter-args'],
    cwd: appFlags.cwd,
    'watch-delay': appFlags['watch-delay'],
  };

  #ownHome: string | null = null;

  protected override get home(): string {
    return this.#ownHome ?? super.home;
  }

  async run(): Promise<ExitCode> {
    const { flags, args, passthrough } = await this.parseLine(Dev);
    const { name, instances, interpreter, cwd } = flags;
    const app: AppFlagValues = {
      ...{ name, instances, interpreter, cwd },
      'set-env': flags['set-env'],
      'env-file': flags['env-file'],
      'inherit-env': flags['inherit-env'],
      'interpreter-args': flags['interpreter-args'],
      'watch-delay': flags['watch-delay'],
    };
    const declared = await this.#declared(args, passthrough, {
      app,
      file: flags.file,
      merge: flags.merge,
      var: flags.var,
      env: flags.env,
      only: flags.only,
    });
    const ignored = [...(flags.ignore ?? []), ...outputFiles()];
    const projects = declared.projects.map((project) => inDevelopment(project, { ignored }));
    const own = this.namedHome === undefined ? makeOwnHome() : null;
    this.#ownHome = own?.path ?? null;
    let after: AfterRestart | null = null;
    try {
      const code = await this.runInForeground({
        declared: { ...declared, projects },
        command: ['dev', ...args, ...passthrough].join(' '),
        only: flags.only ?? null,
        format: flags.format,
        exitWith: undefined,
        isOwnHome: own !== null,
        guards: { allowWipe: true, takeOver: true },
        shows: isTold,
        onEvent: (event) => after?.notice(event),
        introduce: (note) => {
          note('Ctrl-C stops everything; a file that changes restarts its app');
          after = this.#afterRestart(flags, note);
        },
      });
      return code as ExitCode;
    } finally {
      await (after as AfterRestart | null)?.close();
      if (own !== null && !(await isAnswered(homeLayout(own.path).runnerSocket))) own.remove();
      else if (own !== null)
        this.note(`something is left: stateward --home ${own.path} daemon stop --all ends it`);
    }
  }

  #afterRestart(
    flags: { readonly 'post-exec': string | undefined; readonly 'silent-exec': boolean },
    note: (text: string) => void,
  ): AfterRestart | null {
    const command = flags['post-exec'];
    if (command === undefined) return null;
    const { cwd, env, clock } = this.context;
    const say = (text: string): void => note(`post-exec: ${text}`);
    return new AfterRestart({ command, cwd, env, clock, isSilent: flags['silent-exec'], say });
  }

  async #declared(
    args: readonly string[],
    passthrough: readonly string[],
    flags: FileFlags & {
      readonly app: AppFlagValues;
      readonly file: readonly string[] | undefined;
      readonly only: readonly string[] | undefined;
    },
  ): Promise<Declared> {
    const [target, ...more] = args;
    if (target !== undefined && flags.file !== undefined) {
      throw usageError(`unexpected argument: ${target}`, 'name every file with -f, or none');
    }
    const files = target === undefined ? flags.file : filesNamed(args, () => this.context.cwd);
    if (target === undefined || (files !== null && files !== undefined)) {
      const [appFlag = passthrough.length > 0 ? '' : undefined] = givenAppFlags(flags.app);
      if (appFlag === undefined) {
        return readFlagged(files ?? undefined, flags, this.context);
      }
      throw usageError(
        appFlag === ''
          ? 'arguments do not go with an ecosystem file'
          : `--${appFlag} does not go with an ecosystem file`,
        'set it in the file, or name a script',
      );
    }
    const [stray] = more;
    if (stray !== undefined) {
      throw usageError(
        `unexpected ${JSON.stringify(stray)} after the script`,
        `arguments of the script go after --: stateward dev ${target} -- ${more.join(' ')}`,
      );
    }
    checkNoFileFlags({ ...flags }, { what: target, hint: 'leave it out, or name the file' });
    if (!existsSync(resolve(this.context.cwd, target)) && !/\s/.test(target)) {
      throw usageError(`there is no ${target} here`, 'name a script or an ecosystem file');
    }
    const { context } = this;
    const { project, warnings } = unwrap(
      await declareScript({ script: target, passthrough, flags: flags.app, context }),
    );
    return { files: [], projects: [project], warnings };
  }
}
