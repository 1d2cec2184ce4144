import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as Args from '@oclif/core/args';
import type { ExitCode } from '../../lib/exit-codes.ts';
import { EXIT } from '../../lib/exit-codes.ts';
import { FailureError } from '../../lib/failure.ts';
import type { Failure } from '../../lib/failure.ts';
import type { ProjectSpec } from '../../spec/types.ts';
import type { Api } from '../session/api.ts';
import { applyDeclared, applyRequest } from '../declare/applying.ts';
import { unwrap, usageError } from '../session/failures.ts';
import { fileFlags, guardFlags, waitFlags } from './base/flags.ts';
import { outputFlag } from './base/output-format.ts';
import { ecosystemFiles, isEcosystemName, readDeclared, whoAmI } from '../declare/project-files.ts';
import type { AppFlagValues } from '../declare/start-app.ts';
import { appFlags, declareScript, givenAppFlags } from '../declare/start-app.ts';
import type { VerbFlags } from './base/verb-command.ts';
import { VerbCommand } from './base/verb-command.ts';
import { renderJson } from '../views/json.ts';

type StartFlags = VerbFlags &
  AppFlagValues & {
    readonly env: string | undefined;
    readonly 'take-over': boolean;
  };

/** `start`: an ecosystem file, a script, or apps that were stopped. */
export default class Start extends VerbCommand {
  static override summary = 'Start stopped apps, a script, or the apps of an ecosystem file.';
  static override description =
    'A script makes an app in the project "default". An ecosystem file is applied, without removing anything. ' +
    'Selectors clear a stop. -o is the format of the output here: log files are --out-file and --error-file.';
  static override usage = [
    'start [SELECTOR...]',
    'start SCRIPT [FLAGS] [-- ARGUMENTS]',
    'start ECOSYSTEM-FILE',
  ];
  static override examples = [
    '<%= config.bin %> start app.js --name api -i 4 -- --port 3000',
    '<%= config.bin %> start shop/api',
  ];
  static override strict = false;
  static override args = {
    target: Args.string({ description: 'Selectors, a script, or an ecosystem file.', ignoreStdin: true }),
  };
  static override flags = {
    ...appFlags,
    env: fileFlags.env,
    'take-over': guardFlags['take-over'],
    ...waitFlags,
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args, passthrough } = await this.parseLine(Start);
    const [target] = args;
    const { cwd } = this.context;
    const isFile = target !== undefined && isEcosystemName(target) && existsSync(resolve(cwd, target));
    if (target === undefined || isFile) {
      if (givenAppFlags(flags).length > 0 || passthrough.length > 0) {
        throw usageError(
          `--${givenAppFlags(flags)[0] ?? ''} does not go with an ecosystem file`,
          'set it in the file, or start a script',
        );
      }
      const files = target === undefined ? ecosystemFiles(undefined, cwd) : args;
      const declared = await readDeclared(files, flags.env, this.context);
      this.printWarnings(declared.warnings);
      return this.#apply(declared.projects, `start ${files.join(' ')}`, flags);
    }
    const wantsScript = givenAppFlags(flags).length > 0 || passthrough.length > 0 || isPath(target);
    if (wantsScript) return this.#script(args, passthrough, flags);
    return this.#selectors(args, flags);
  }

  /** Known apps win over files of the same name. */
  async #selectors(args: readonly string[], flags: StartFlags) {
    const api = this.connectOrStart();
    const request = {
      verb: 'start',
      selectors: args,
      by: whoAmI(),
      command: `start ${args.join(' ')}`,
    } as const;
    const response = await api.verb(request);
    if (response.ok) return this.finishVerb(api, response.value, flags);
    const [target = ''] = args;
    const isScript = args.length === 1 && existsSync(join(this.context.cwd, target));
    if (response.error.code !== 'SELECTOR_NOT_FOUND') throw new FailureError(response.error);
    if (isScript) return this.#script(args, [], flags);
    throw new FailureError(looksLikeFile(target) ? noSuchFile(target, this.context.cwd) : response.error);
  }

  async #script(
    args: readonly string[],
    passthrough: readonly string[],
    flags: StartFlags,
  ): Promise<ExitCode> {
    const [script = '', ...rest] = args;
    if (rest.length > 0) {
      throw usageError(
        `unexpected ${JSON.stringify(rest[0])} after the script`,
        `arguments of the script go after --: stateward start ${script} -- ${rest.join(' ')}`,
      );
    }
    const { env } = flags;
    const declared = unwrap(await declareScript({ script, passthrough, flags, env, context: this.context }));
    this.printWarnings(declared.warnings);
    return this.#apply([declared.project], ['start', ...args, ...passthrough].join(' '), flags);
  }

  async #apply(projects: readonly ProjectSpec[], command: string, flags: StartFlags): Promise<ExitCode> {
    const api: Api = this.connectOrStart();
    // Starting never removes: apps that were started before stay.
    const request = applyRequest(projects, command, { prune: false, takeOver: flags['take-over'] });
    const { exit, plan } = await applyDeclared({
      api,
      request,
      wait: flags.wait,
      timeoutMs: flags.timeout,
      context: this.context,
      style: this.errStyle,
      onAccepted: () => undefined,
    });
    if (flags.output === 'json' && exit === EXIT.OK) this.print(renderJson(plan));
    return exit;
  }
}

/** Written as a path: nobody means an app by `./x` or `/x`. `shop/api` is left to be a selector first. */
function isPath(target: string): boolean {
  return /^(\.{0,2}\/|~)/.test(target);
}

function looksLikeFile(target: string): boolean {
  return target.includes('/') || /\.[a-z]\w*$/i.test(target);
}

function noSuchFile(target: string, cwd: string): Failure {
  return {
    code: 'SELECTOR_NOT_FOUND',
    message: `cannot start ${target}: there is no such file in ${cwd}, and no app of that name`,
    hint: 'stateward get shows what apps there are',
  };
}
