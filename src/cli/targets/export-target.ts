import * as Flags from '@oclif/core/flags';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { LoadedDocument } from '../../config/load-document.ts';
import { FailureError } from '../../lib/failure.ts';
import { errorMessage } from '../../lib/system-error.ts';
import type { Diagnostic } from '../../targets/model/rendered.ts';
import { BaseCommand } from '../commands/base/base-command.ts';
import { fileFlags } from '../commands/base/flags.ts';
import { readDocumentsDeclared } from '../declare/project-files.ts';
import { variantsOf } from '../variants/variants.ts';
import { writeOutput } from '../views/write-output.ts';

interface FileFlags {
  readonly file?: string[] | undefined;
  readonly env?: string | undefined;
  readonly merge: boolean;
  readonly var: readonly string[] | undefined;
}

/** The flags of every command that prints ecosystem files for another place. */
export const exportFlags = {
  ...fileFlags,
  strict: Flags.boolean({ description: 'Refuse what would mean something else there too.' }),
};

/** Where one text goes. */
export const outputFileFlag = {
  output: Flags.string({
    char: 'o',
    description: 'File to write; - prints it.',
    default: '-',
    helpValue: 'FILE',
  }),
};

/** Prints ecosystem files as what another place runs. Needs neither a daemon nor that place. */
export abstract class ExportTarget extends BaseCommand {
  static override changesNothing = true;

  protected documents(flags: FileFlags): Promise<readonly LoadedDocument[]> {
    return readDocumentsDeclared(flags.file, flags.env, this.context, {
      ...variantsOf(flags, flags.file),
      hostChecks: 'skip',
    });
  }

  /** Says what means something else there. Throws what cannot mean the same, and with `strict` the rest too. */
  protected async settle(
    diagnostics: readonly Diagnostic[],
    documents: readonly LoadedDocument[],
    strict: boolean,
  ): Promise<void> {
    const { diagnosticFailures } = await import('./diagnostics.ts');
    const isError = ({ severity }: Diagnostic): boolean => strict || severity === 'error';
    const [first, ...more] = diagnosticFailures(diagnostics.filter(isError), documents);
    this.printWarnings(
      diagnosticFailures(
        diagnostics.filter((diagnostic) => !isError(diagnostic)),
        documents,
      ),
    );
    if (first !== undefined) throw new FailureError(first, ...more);
  }

  /** `-o FILE`, or - to print. */
  protected give(text: string, output: string): void {
    if (output === '-') {
      this.print(text);
      return;
    }
    writeOutput(text, output, this.context.cwd);
    this.note(`wrote ${output}`);
  }

  /** `-o DIR`: a file each. The folder is made where it is missing; files that have these names are replaced. */
  protected giveFiles(
    files: readonly { readonly name: string; readonly text: string }[],
    folder: string,
  ): void {
    try {
      mkdirSync(resolve(this.context.cwd, folder), { recursive: true });
    } catch (error) {
      throw new FailureError({
        code: 'USAGE',
        message: `cannot make the folder ${folder}: ${errorMessage(error)}`,
        hint: 'name a folder that you can write to, or - to print',
      });
    }
    for (const { name, text } of files) writeOutput(text, join(folder, name), this.context.cwd);
    this.note(`wrote ${files.length} ${files.length === 1 ? 'file' : 'files'} in ${folder}`);
  }
}
