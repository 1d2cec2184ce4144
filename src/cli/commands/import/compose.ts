import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import * as Flags from '@oclif/core/flags';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import type { ImportResult } from '../../../import/model/imported.ts';
import type { GivenFile } from '../../importing/read-given.ts';
import { ImportFileCommand, importFlags } from '../../importing/import-file-command.ts';

/** Where Compose looks where nothing is named, the file that counts first; and what it lays over it. */
const USUAL = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];
const OVER = ['compose.override.yaml', 'compose.override.yml'].flatMap((name) => [name, `docker-${name}`]);

/** `import compose`. */
export default class ImportCompose extends ImportFileCommand {
  static override summary = 'Write the services of a Compose file that have a command as an ecosystem file.';
  static override description =
    'A service that only an image describes is no process of this host: a comment names it. Several files are laid over ' +
    'each other as Compose does it, and what they include and extend is followed. Without a file, those that Compose ' +
    'would take: compose.yaml, with compose.override.yaml over it.';
  static override examples = [
    '<%= config.bin %> import compose compose.yaml',
    '<%= config.bin %> import compose -f compose.yaml -f compose.prod.yaml',
  ];
  static override flags = {
    ...importFlags,
    file: Flags.string({
      char: 'f',
      multiple: true,
      multipleNonGreedy: true,
      description: 'Compose file, as an argument; each is laid over those before it.',
      helpValue: 'FILE',
    }),
  };

  protected override readonly usual = 'stateward import compose compose.yaml';
  protected override readonly takesMany = true;

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(ImportCompose);
    const named = [...(flags.file ?? []), ...args];
    return this.importFiles(flags, named.length > 0 ? named : this.#usualFiles());
  }

  #usualFiles(): readonly string[] {
    const first = (names: readonly string[]): readonly string[] =>
      names.filter((name) => existsSync(resolve(this.context.cwd, name))).slice(0, 1);
    const found = first(USUAL);
    return found.length === 0 ? [] : [...found, ...first(OVER)];
  }

  protected override async convert(files: readonly [GivenFile, ...GivenFile[]]): Promise<ImportResult> {
    const { importCompose } = await import('../../../import/compose/compose.ts');
    const { openBeside } = await import('../../importing/read-given.ts');
    return importCompose(files, { open: openBeside, hasDotEnv: files[0].isBeside('.env') });
  }
}
