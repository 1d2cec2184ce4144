import { dirname, resolve } from 'node:path';
import * as Args from '@oclif/core/args';
import type { ExitCode } from '../../lib/exit-codes.ts';
import type { ImportedApp, ImportResult } from '../../import/model/imported.ts';
import { rebased } from '../../import/model/paths.ts';
import type { GivenFile } from './read-given.ts';
import { unwrap, usageError } from '../session/failures.ts';
import { ImportCommand, importFlags } from './import-command.ts';

export const fileArgs = {
  file: Args.string({ description: 'Files to read, or - for standard input.', ignoreStdin: true }),
};
export { importFlags };

/** Commands that import files which are named on the command line. */
export abstract class ImportFileCommand extends ImportCommand {
  static override strict = false;
  static override args = fileArgs;
  static override flags = importFlags;

  /** What to name where nothing is named. */
  protected abstract readonly usual: string;
  /** More than one file is read as one. */
  protected readonly takesMany: boolean = false;

  /** An app of which nothing else is said runs in the folder of its file. */
  protected readonly startsThere: boolean = false;

  /** The texts as apps. */
  protected abstract convert(files: readonly [GivenFile, ...GivenFile[]]): Promise<ImportResult>;

  protected async importFiles(
    flags: { readonly output: string; readonly force: boolean },
    args: readonly string[],
  ): Promise<ExitCode> {
    if (args.length === 0) throw usageError('name the file to import', this.usual);
    if (args.length > 1 && !this.takesMany) {
      throw usageError(`unexpected argument: ${args[1] ?? ''}`, 'one file makes one ecosystem file');
    }
    const { readGiven } = await import('./read-given.ts');
    const files = await Promise.all(args.map((name) => readGiven(name, this.context.cwd)));
    const given = files as [GivenFile, ...GivenFile[]];
    const imported = unwrap(await this.convert(given));
    const { cwd } = this.context;
    const folder = flags.output === '-' ? cwd : dirname(resolve(cwd, flags.output));
    const moved = (app: ImportedApp): ImportedApp => ({
      ...app,
      fields: rebased(app.fields, { from: given[0].folder, folder }, this.startsThere),
    });
    return this.write(
      { ...imported, apps: imported.apps.map(moved) },
      `Imported by stateward from ${files.map(({ shown }) => shown).join(', ')}.`,
      this.outputOf(flags),
      {
        lines: [],
        end: ({ path, shown }) => (path === null ? '' : `next: stateward plan -f ${shown}\n`),
      },
    );
  }
}
