import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../lib/exit-codes.ts';
import type { ExitCode } from '../../lib/exit-codes.ts';
import { FailureError } from '../../lib/failure.ts';
import type { Imported } from '../../import/model/imported.ts';
import { BaseCommand } from '../commands/base/base-command.ts';
import { readDeclared } from '../declare/project-files.ts';
import type { Output, PreparedFile } from './write-import.ts';
import { renderFailures } from '../views/failure.ts';
import { writtenLines } from '../views/importing.ts';

/** Where the file goes. */
export const importFlags = {
  output: Flags.string({
    char: 'o',
    description: 'File to write; - prints it, without the files of its secrets.',
    default: 'ecosystem.yaml',
    helpValue: 'FILE',
  }),
  force: Flags.boolean({ description: 'Replace files that are there.' }),
};

/** What a command has to say beside what was written. */
interface Report {
  /** After the files, before what comes next. */
  readonly lines: readonly string[];
  /** At the end. */
  readonly end?: (file: PreparedFile) => string;
  /** The file itself holds secrets, beside variables. */
  readonly isPrivate?: boolean;
}

/** Commands that turn a file of another tool into an ecosystem file. */
export abstract class ImportCommand extends BaseCommand {
  protected outputOf(flags: { readonly output: string; readonly force: boolean }): Output {
    return { path: flags.output, force: flags.force };
  }

  /** Writes the files, says what was written, and checks it as `validate` does. `from`: the first line of it. */
  protected async write(imported: Imported, from: string, output: Output, report: Report): Promise<ExitCode> {
    const { prepareFile, writeFiles, gitignoreHint } = await import('./write-import.ts');
    const prepared = prepareFile(imported, from, output, this.context.cwd);
    const file = report.isPrivate === true ? { ...prepared, mode: 0o600 } : prepared;
    writeFiles(file, output.force);
    // What is printed is data: all else goes beside it.
    const say = (text: string): void => (file.path === null ? this.note(text.trimEnd()) : this.print(text));
    if (file.path === null) this.print(file.text);
    this.printWarnings(imported.warnings);
    for (const line of writtenLines(imported, file, gitignoreHint(file.secrets))) say(`${line}\n`);
    for (const line of report.lines) say(`${line}\n`);
    const exit = file.path === null ? EXIT.OK : await this.#check(file);
    const end = report.end?.(file);
    if (end !== undefined && exit === EXIT.OK) say(`\n${end}`);
    return exit;
  }

  /** The file is kept when it is wrong: what it lacks is for a person to add. */
  async #check(file: PreparedFile): Promise<ExitCode> {
    try {
      const declared = await readDeclared([file.shown], undefined, this.context, { hostChecks: 'warn' });
      this.printWarnings(declared.warnings.filter(({ code }) => code !== 'CONFIG_DIFFERS_FROM_PM2'));
      return EXIT.OK;
    } catch (error) {
      if (!(error instanceof FailureError)) throw error;
      this.note(`${file.shown} was written, and has to be completed before it can be applied:`);
      this.context.streams.stderr.write(renderFailures(error.failures, this.errStyle));
      return EXIT.INVALID_CONFIG;
    }
  }
}
