import { Command } from '@oclif/core/command';
import type { Config } from '@oclif/core/config';
import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import { parse } from '@oclif/core/parser';
import { ERROR_CODES } from '../../../lib/error-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import type { App } from '../../../api/contract/wire/apps.ts';
import type { Failure } from '../../../lib/failure.ts';
import type { Api, OfflineApi } from '../../session/api.ts';
import type { Chosen } from '../../declare/here.ts';
import { expandBooleans, ownFlag, unsetBooleans, type FlagShape } from './flag-shapes.ts';
import { wordsInOrder } from './flag-tokens.ts';
import { takePm2Flags } from './pm2-flags.ts';
import { selectionWords } from './selection.ts';
import type { Pm2Group } from './pm2-flag-table.ts';
import { connectOrOffline, connectOrStart, openApi } from '../../session/connect.ts';
import type { CliContext } from '../../session/context.ts';
import { usageError } from '../../session/failures.ts';
import type { DeclaredWarnings } from '../../said-once/shown-warnings.ts';
import { count } from '../../views/text/quantities.ts';
import { resolveHome } from '../../../home/layout.ts';
import { createStyle, wantsColor, type OutputStream, type Style } from '../../views/text/terminal.ts';
import { renderFailures, renderWarnings } from '../../views/failure.ts';

/** The global flags, as parsed. */
interface BaseFlags {
  readonly home: string | undefined;
  readonly 'no-color': boolean;
}

/** What `parseLine` gives: flags by name, positional arguments, and what came after `--`. */
export interface ParsedLine<F> {
  readonly flags: F & BaseFlags;
  readonly args: readonly string[];
  readonly passthrough: readonly string[];
}

/** What every command shares: the global flags, its streams and colours, and how it ends. */
export abstract class BaseCommand extends Command {
  static override baseFlags = {
    home: Flags.string({
      description: 'Folder of the daemon to talk to (STATEWARD_HOME, else ~/.stateward).',
      helpValue: 'DIR',
      helpGroup: 'GLOBAL',
    }),
    'no-color': Flags.boolean({ description: 'Print without colours.', helpGroup: 'GLOBAL' }),
  };

  /** The command changes nothing, so it may be suggested for a typo. The generated table of commands reads this line. */
  static changesNothing = false;
  /** It may print for ever, and ends with 0 when nobody reads that any more. All others go on, and their exit code is true. */
  static endsWithReader = false;
  /** Which flags of PM2 its users try with this command. */
  static pm2: Pm2Group | undefined = undefined;
  /** The arguments after `--` belong to somebody else. */
  static passesOn = false;

  context: CliContext;
  #noColor = false;
  #home: string | undefined;

  constructor(argv: string[], config: Config, context: CliContext) {
    super(argv, config);
    this.context = context;
  }

  /**
   * Does the work and gives the exit code; expected failures are thrown as FailureError. It is called directly, without
   * oclif's life cycle, which only matters for hooks and plugins.
   */
  abstract override run(): Promise<ExitCode>;

  /**
   * Parses the arguments of `command`, the class of this object. Everything after `--` is a word, whatever it looks like; a
   * command that passes words on leaves them alone. What `selectionFlags` narrow is a selector among the words.
   */
  protected async parseLine<
    T extends Pick<typeof Command, 'flags' | 'args' | 'strict'> &
      Pick<typeof BaseCommand, 'pm2' | 'passesOn'>,
  >(command: T): Promise<ParsedLine<InferredFlags<T['flags']>>> {
    const end = this.argv.indexOf('--');
    const own = end === -1 ? this.argv : this.argv.slice(0, end);
    const passthrough = end === -1 ? [] : this.argv.slice(end + 1);
    const allFlags = { ...BaseCommand.baseFlags, ...command.flags };
    const line = this.#withoutPm2Flags(own, command.pm2, allFlags);
    const { strict } = command;
    // The command itself reports a missing argument, because it knows what to do about it.
    const args = Object.fromEntries(
      Object.entries(command.args).map(([name, arg]) => [name, { ...arg, required: false }]),
    );
    // The parser itself: the method of the class looks for hooks of plugins first, of which there are none.
    const parsed = await parse(expandBooleans(line, allFlags), { strict, args, flags: allFlags });
    // The flags are those of the class plus the base's: oclif's own inference loses them on the way through a generic.
    const flags = { ...unsetBooleans(allFlags), ...parsed.flags } as unknown as InferredFlags<T['flags']> &
      BaseFlags;
    this.#noColor = flags['no-color'];
    this.#home = flags.home;
    const words = [...wordsInOrder(parsed), ...(command.passesOn ? [] : passthrough)];
    const tooMany = strict ? words[Object.keys(command.args).length] : undefined;
    if (tooMany !== undefined) throw usageError(`unexpected argument: ${tooMany}`);
    if (words[0] === '' || (!strict && words.includes(''))) {
      throw usageError('an empty text names nothing', 'is a variable of the shell not set?');
    }
    return { flags, args: [...words, ...selectionWords(parsed.flags)], passthrough };
  }

  /** Says what PM2's flags mean here, and removes them. */
  #withoutPm2Flags(
    argv: readonly string[],
    group: Pm2Group | undefined,
    flags: Readonly<Record<string, FlagShape>>,
  ): readonly string[] {
    if (group === undefined) return argv;
    const left = takePm2Flags(argv, group, (typed) => ownFlag(typed, flags));
    if (left.silent)
      this.context = Object.create(this.context, { streams: { value: SILENCE } }) as CliContext;
    for (const note of left.notes) this.note(note);
    return left.argv;
  }

  /** The home that somebody named; undefined: nobody did. */
  protected get namedHome(): string | undefined {
    const isNamed = [this.#home, this.context.env['STATEWARD_HOME']].some((name) => (name ?? '') !== '');
    return isNamed ? this.home : undefined;
  }

  /** The home that this command is about. */
  protected get home(): string {
    return resolveHome(this.#home, this.context.env);
  }

  /** The daemon of the home; requests fail where none runs. */
  protected connect(): Api {
    return openApi({ home: this.home, context: this.context });
  }

  /**
   * The daemon of the home, started when a request finds none. A note says so once, how to end it, and which apps come up
   * with it that `isMeant` does not name.
   */
  protected connectOrStart(isMeant: (app: App) => boolean = () => false): Api {
    return connectOrStart({ home: this.home, context: this.context }, async (api, since) => {
      this.note('started the daemon in the background (stateward daemon stop ends it; apps keep running)');
      const { broughtUp, namesOf } = await import('../../session/brought-up.ts');
      const others = namesOf(await broughtUp(api, since, isMeant));
      if (others !== null) this.note(`the daemon also starts what was declared before: ${others}`);
    });
  }

  /** The daemon if one answers, else the state on disk; a note says so, because that state can be old. */
  protected connectOrOffline(): OfflineApi {
    return connectOrOffline({ home: this.home, context: this.context }, () =>
      this.note('daemon not running: compared with the state on disk'),
    );
  }

  /** The same without a note: for questions that do not depend on what runs. */
  protected connectQuietly(): OfflineApi {
    return connectOrOffline({ home: this.home, context: this.context }, () => undefined);
  }

  /**
   * What the words of a read mean: selectors, in which the apps of a file replace the file, and the app of this folder
   * replaces a name that several projects have. `onNone` is told why they select nothing.
   */
  protected async selectorsNamed(
    words: readonly string[],
    api: Pick<OfflineApi, 'apps' | 'plan'>,
    onNone?: (failure: Failure) => void,
  ): Promise<readonly string[]> {
    if (words.length === 0) return words;
    const { appsOfFiles, filesNamed } = await import('../../declare/file-target.ts');
    const files = filesNamed(words, () => this.context.cwd);
    const note = (line: string): void => this.note(line);
    if (files !== null) return appsOfFiles(files, {}, { api, context: this.context, note });
    const found = await api.apps({ selectors: words, spec: 'none', detail: 'brief' });
    const chosen = found.ok ? null : await this.chosen(words, found.error, api);
    if (!found.ok && chosen === null) onNone?.(found.error);
    if (chosen === null) return words;
    const { choiceText } = await import('../../declare/here.ts');
    note(choiceText(chosen));
    return this.selectorsNamed(chosen.selectors, api, onNone);
  }

  /** What an ambiguous name means in the folder that the command runs in; null: nothing. */
  protected async chosen(
    selectors: readonly string[],
    failure: Failure,
    api: Pick<OfflineApi, 'plan'>,
  ): Promise<Chosen | null> {
    const { chosenHere } = await import('../../declare/here.ts');
    return chosenHere(selectors, failure, { api, folder: this.#folder() });
  }

  /** null: it is gone, and nothing is declared there. */
  #folder(): string | null {
    try {
      return this.context.cwd;
    } catch {
      return null;
    }
  }

  protected get outStyle(): Style {
    return this.#styleOf(this.context.streams.stdout);
  }

  protected get errStyle(): Style {
    return this.#styleOf(this.context.streams.stderr);
  }

  /** Data, to stdout. */
  protected print(text: string): void {
    this.context.streams.stdout.write(text);
  }

  /** A line for people, to stderr. */
  protected note(line: string): void {
    this.context.streams.stderr.write(`${line}\n`);
  }

  protected printWarnings(warnings: readonly Failure[]): void {
    if (warnings.length > 0) this.context.streams.stderr.write(renderWarnings(warnings, this.errStyle));
  }

  /** Prints the warnings of a declaration in full the first time, and afterwards only their number. */
  protected async printDeclared(declared: DeclaredWarnings): Promise<void> {
    const { warnings } = declared;
    if (warnings.length === 0) return;
    const { annotate } = await import('../../ci/annotate.ts');
    annotate(warnings, 'warning', this.context);
    const { wereShown } = await import('../../said-once/shown-warnings.ts');
    if (!wereShown(declared, { home: this.home, env: this.context.env })) this.printWarnings(warnings);
    else this.note(`${count(warnings.length, 'warning')}, as shown before (stateward validate repeats them)`);
  }

  /** Prints why a guard refuses a plan that was shown; gives the exit code. */
  protected refused(guard: Failure): ExitCode {
    this.context.streams.stderr.write(renderFailures([guard], this.errStyle));
    return ERROR_CODES[guard.code];
  }

  #styleOf(stream: OutputStream): Style {
    return createStyle(wantsColor(stream, { env: this.context.env, noColor: this.#noColor }));
  }
}

const NOWHERE: OutputStream = { write: () => true };
const SILENCE = { stdout: NOWHERE, stderr: NOWHERE };
