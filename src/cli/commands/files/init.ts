import * as Flags from '@oclif/core/flags';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FILE_NAMES } from '../../../config/read/find/file-names.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { FailureError } from '../../../lib/failure.ts';
import { ImportCommand, importFlags } from '../../importing/import-command.ts';
import { unwrap } from '../../session/failures.ts';

const COMPOSE = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];

/** `init`: a first ecosystem file for the folder that it runs in. */
export default class Init extends ImportCommand {
  static override aliases = ['ecosystem'];
  static override summary = 'Write a first ecosystem file for what is in this folder.';
  static override description = `Looks at package.json (scripts, main, bin), a Procfile, and the files of Python, Go and Rust. What people need next stands
commented out in the file. A file that is there is kept, unless --force says otherwise.`;
  static override examples = ['<%= config.bin %> init', '<%= config.bin %> init --print'];
  static override flags = {
    ...importFlags,
    print: Flags.boolean({
      description: 'Print the file instead of writing it; same as -o -.',
      exclusive: ['output'],
    }),
  };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(Init);
    const output = flags.print ? { path: '-', force: false } : this.outputOf(flags);
    const { cwd } = this.context;
    if (output.path !== '-' && !output.force) refuseSecond(cwd);
    const [{ outputFolder }, { lookInto }, { firstFile }] = await Promise.all([
      import('../../importing/write-import.ts'),
      import('../../importing/look-into-folder.ts'),
      import('../../../import/init/first-file.ts'),
    ]);
    const { imported, from } = unwrap(firstFile(lookInto(outputFolder(output, cwd))));
    return this.write(imported, `Written by stateward init for ${from}.`, output, {
      lines: await this.#others(cwd),
      end: () => 'next: stateward plan, then stateward apply\n',
    });
  }

  /** What else here declares or runs apps. */
  async #others(cwd: string): Promise<readonly string[]> {
    const { isPm2Running, pm2Home } = await import('../../importing/pm2-daemon.ts');
    const home = pm2Home(this.context.env);
    const compose = COMPOSE.find((name) => existsSync(join(cwd, name)));
    return [
      ...(compose === undefined ? [] : [`${compose} is here: stateward import compose ${compose}`]),
      ...(home !== null && (await isPm2Running(home))
        ? ['PM2 runs here: stateward import pm2 takes its apps over']
        : []),
    ];
  }
}

/** A folder has one declaration: a second one would have no effect, or take the place of the first. */
function refuseSecond(cwd: string): void {
  const there = FILE_NAMES.find((name) => existsSync(join(cwd, name)));
  if (there === undefined) return;
  const isYaml = /\.ya?ml$/.test(there);
  throw new FailureError({
    code: 'CONFLICT',
    message: `${there} is already here, nothing was written`,
    hint: isYaml
      ? 'stateward plan reads it; --force writes a new ecosystem.yaml, --print shows it'
      : `stateward plan reads it as it is; stateward import pm2 ${there} writes it as ecosystem.yaml; --force writes a new one`,
  });
}
