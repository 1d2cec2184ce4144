import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import * as Args from '@oclif/core/args';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import { FailureError } from '../../../lib/failure.ts';
import { isFilter } from '../../../api/contract/selector-filters.ts';
import { foreignFile } from '../../../config/read/find/foreign-files.ts';
import type { ProjectSpec } from '../../../spec/types.ts';
import type { AppFlagValues } from '../../declare/app-flags.ts';
import { appFlags, givenAppFlags } from '../../declare/app-flags.ts';
import { declaredKeys, filesNamed, noSuchFile } from '../../declare/file-target.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import {
  dependencyFlags,
  fileFlags,
  guardFlags,
  longSelectorFlag,
  scopeFlags,
  waitFlags,
} from '../base/flags.ts';
import { outputFlag } from '../base/output-format.ts';
import type { Declared } from '../../declare/project-files.ts';
import { whoAmI } from '../../fast/who-am-i.ts';
import { declareScript } from '../../declare/start-app.ts';
import { filtersMeant, isDeclared, isPath, isSelector } from '../../declare/start-words.ts';
import { isOneOf, startDeclared } from '../../declare/starting.ts';
import { checkNoFileFlags, readFlagged } from '../../variants/read-flagged.ts';
import { sayDifference } from '../../foreign/differences.ts';
import { hasChanges } from '../../views/plan/changes.ts';
import type { FileVerbFlags, VerbFlags } from '../base/verb-command.ts';
import { VerbCommand } from '../base/verb-command.ts';
import { renderJson } from '../../views/json.ts';

type StartFlags = VerbFlags &
  AppFlagValues &
  FileVerbFlags & { readonly 'take-over': boolean; readonly 'with-dependencies': boolean };

/** `start`: an ecosystem file, a script, or apps that were stopped. */
export default class Start extends VerbCommand {
  static override summary = 'Start stopped apps, a script, or the apps of an ecosystem file.';
  static override description =
    'A script makes an app in the project "default". An ecosystem file is applied, without removing anything. ' +
    'Selectors clear a stop.';
  static override usage = [
    'start [SELECTOR...]',
    'start SCRIPT [FLAGS] [-- ARGUMENTS]',
    'start ECOSYSTEM-FILE [--only NAME,NAME] [--env NAME]',
  ];
  static override examples = [
    '<%= config.bin %> start app.js --name api -i 4 -e PORT=3000 -- --verbose',
    '<%= config.bin %> start ecosystem.config.js --only api',
    '<%= config.bin %> start shop/api',
  ];
  static override strict = false;
  static override pm2 = 'start' as const;
  static override passesOn = true;
  static override args = {
    target: Args.string({ description: 'Selectors, a script, or an ecosystem file.', ignoreStdin: true }),
  };
  static override flags = {
    ...appFlags,
    ...fileFlags,
    ...longSelectorFlag,
    only: scopeFlags.only,
    ...dependencyFlags,
    'take-over': guardFlags['take-over'],
    ...waitFlags,
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args, passthrough } = await this.parseLine(Start);
    const given = givenAppFlags(flags);
    const isBare = args.length + passthrough.length === 0 && flags.file === undefined;
    const filters = isBare ? filtersMeant(flags, given) : [];
    if (filters.length > 0) return this.#selectors(filters, flags);
    const files = this.#files(args, flags);
    const [appFlag = passthrough.length > 0 ? '' : undefined] = given;
    if (files !== null) return this.#startFiles(files, appFlag, flags);
    const [target = ''] = args;
    checkNoFileFlags({ ...flags }, { names: ['only', 'merge', 'var'], hint: 'name the file, or only apps' });
    if (args.some(isFilter)) {
      if (appFlag === undefined) return this.#selectors(args, flags);
      throw usageError(`--${appFlag} goes with a script, and --selector with apps`, 'use one of them');
    }
    if (isSelector(target) && !this.#exists(target)) {
      if (appFlag === undefined) return this.#selectors(args, flags);
      throw usageError(`--${appFlag} goes with a script, and ${target} is not one`, 'name the script');
    }
    if (appFlag !== undefined && !isPath(target)) await this.#checkNoApp(target, appFlag);
    if (appFlag !== undefined || isPath(target)) return this.#scripts(args, passthrough, flags);
    return this.#selectors(args, flags);
  }

  /**
   * `start api --watch` of an app of some file would start a command of that name beside it: what such an app is like is
   * declared. Apps that were started by hand are declared anew by the same command.
   */
  async #checkNoApp(target: string, appFlag: string): Promise<void> {
    if (this.#exists(target)) return;
    const query = { selectors: [target], spec: 'none', detail: 'brief' } as const;
    const found = await this.connectQuietly().apps(query);
    if (!found.ok || found.value.items.every(({ project }) => project === 'default')) return;
    throw usageError(
      `${target} is an app, and what it is like is declared`,
      `set ${appFlag === '' ? 'args' : appFlag.replaceAll('-', '_')} in its ecosystem file, and apply that`,
    );
  }

  async #checkNoSelector(selectors: readonly string[], env: string): Promise<void> {
    const found = await this.connectQuietly().apps({ selectors, spec: 'none', detail: 'brief' });
    if (!found.ok) return;
    throw usageError(
      `--env is about an ecosystem file, and ${selectors.join(' ')} is none`,
      `name the file: stateward start FILE --env ${env}`,
    );
  }

  /** The files that are meant; empty: that of the folder, where nothing is named. */
  #files(args: readonly string[], flags: StartFlags): readonly string[] | null {
    if (flags.file !== undefined) return this.targets(args, flags.file).files;
    if (args.length === 0) return [];
    return filesNamed(args, () => this.context.cwd, { isFolderMeant: isDeclared });
  }

  async #startFiles(
    files: readonly string[],
    appFlag: string | undefined,
    flags: StartFlags,
  ): Promise<ExitCode> {
    if (appFlag !== undefined) {
      throw usageError(
        appFlag === ''
          ? 'arguments do not go with an ecosystem file'
          : `--${appFlag} does not go with an ecosystem file`,
        'set it in the file, or start a script',
      );
    }
    const declared = await readFlagged(files, flags, this.context);
    await this.printDeclared(declared);
    const { projects, readFrom, words } = declared;
    return this.#apply(projects, `start ${declared.files.join(' ')}${words}`, { ...flags, readFrom });
  }

  /** Known apps win over files of the same name. */
  async #selectors(args: readonly string[], flags: StartFlags): Promise<ExitCode> {
    if (flags.env !== undefined) await this.#checkNoSelector(args, flags.env);
    const command = `start ${args.join(' ')}`;
    const { api, response } = await this.askVerb({
      verb: 'start',
      selectors: args,
      by: whoAmI(),
      command,
      ...(flags['with-dependencies'] && { withDependencies: true }),
    });
    const [target = ''] = args;
    if (response.ok) {
      const exit = await this.finishVerb(api, response.value, flags);
      const { results } = response.value;
      const isNews = results.length === 0 || results.some(({ changed }) => changed);
      if (exit === EXIT.OK && !isNews && flags.output !== 'json') sayDifference('start', this.context);
      return exit;
    }
    if (response.error.code !== 'SELECTOR_NOT_FOUND') throw new FailureError(response.error);
    if (this.#isScript(target)) return this.#scripts(args, [], flags);
    throw noSuchFile(args, () => this.context.cwd, response.error);
  }

  /** Null when the working folder is gone: nothing is a path then. */
  #exists(path: string): boolean {
    if (path === 'all') return false;
    return existsSync(resolve(this.context.cwd, path));
  }

  /** A file, or a line for the shell. */
  #isScript(target: string): boolean {
    return this.#exists(target) || (/\S\s+\S/.test(target) && !isSelector(target));
  }

  /** One script with its arguments, or several, as PM2 takes them. */
  async #scripts(
    args: readonly string[],
    passthrough: readonly string[],
    flags: StartFlags,
  ): Promise<ExitCode> {
    const [script = '', ...rest] = args;
    const stray = rest.find((word) => !this.#exists(word));
    if (stray !== undefined) {
      throw usageError(
        `unexpected ${JSON.stringify(stray)} after the script`,
        `arguments of the script go after --: stateward start ${script} -- ${rest.join(' ')}`,
      );
    }
    if (rest.length > 0 && flags.name !== undefined) {
      throw usageError(`--name names one app, and there are ${args.length} scripts`, 'start them one by one');
    }
    this.#sayEnv(flags.env);
    const projects = [];
    for (const one of args) {
      const foreign = this.#exists(one) ? foreignFile(resolve(this.context.cwd, one), one) : null;
      if (foreign !== null) throw new FailureError(foreign);
      const declared = unwrap(
        await declareScript({ script: one, passthrough, flags, context: this.context }),
      );
      this.printWarnings(declared.warnings);
      projects.push(declared.project);
    }
    const [first] = projects;
    if (first === undefined) throw new Error('no script was named');
    const project = { ...first, apps: projects.flatMap(({ apps }) => apps) };
    return this.#apply([project], ['start', ...args, ...passthrough].join(' '), {
      ...flags,
      only: undefined,
    });
  }

  /** A script has no env_NAME to choose, so --env has no effect: a note says so, as PM2 does. */
  #sayEnv(env: string | undefined): void {
    if (env === undefined) return;
    if (env.includes('=')) throw usageError(`--env ${env} is not a name`, `a variable is set by -e ${env}`);
    this.note(
      `--env ${env}: a script has no env_${env}, so nothing is set by it; -e NODE_ENV=${env} sets a variable`,
    );
  }

  async #apply(
    projects: readonly ProjectSpec[],
    command: string,
    {
      readFrom,
      ...flags
    }: VerbFlags & Pick<Declared, 'readFrom'> & Pick<StartFlags, 'only' | 'take-over' | 'with-dependencies'>,
  ): Promise<ExitCode> {
    const api = this.connectOrStart(isOneOf(projects));
    const { exit, plan } = await startDeclared(projects, command, {
      ...{ flags, readFrom, api },
      context: this.context,
      style: this.errStyle,
    });
    if (exit !== EXIT.OK) return exit;
    if (flags.output === 'json') this.print(renderJson(plan));
    await this.showOutcome(declaredKeys(projects, flags.only), flags, api);
    if (flags.output === 'json') return exit;
    if (!hasChanges(plan)) sayDifference('start', this.context);
    await this.sayBootHint(api);
    return exit;
  }
}
