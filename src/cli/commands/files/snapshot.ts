import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { unwrap } from '../../session/failures.ts';
import { writeOutput } from '../../views/write-output.ts';
import { renderJson } from '../../views/json.ts';
import { BaseCommand } from '../base/base-command.ts';

/** `snapshot`: what a plan elsewhere needs to know of this host. */
export default class Snapshot extends BaseCommand {
  static override summary = 'Write the state of this host, without secrets and signed, for a plan elsewhere.';
  static override description =
    'plan --against FILE then shows what a change would do, with no access to this host. Secrets are replaced by a mark. ' +
    'It is signed with a key of the home, which is made the first time; --public-key prints what --verify-key of plan takes.';
  static override examples = [
    '<%= config.bin %> snapshot -o snapshot.json',
    '<%= config.bin %> snapshot --public-key > web-1.pem',
  ];
  static override flags = {
    output: Flags.string({
      char: 'o',
      description: 'File to write; - prints it.',
      default: '-',
      helpValue: 'FILE',
    }),
    'public-key': Flags.boolean({ description: 'Print the public key of this home (PEM) instead.' }),
  };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(Snapshot);
    const snapshot = unwrap(await this.connectOrOffline().snapshot());
    const text = flags['public-key'] ? snapshot.signature.publicKey : renderJson(snapshot);
    if (flags.output === '-') {
      this.print(text);
      return EXIT.OK;
    }
    writeOutput(text, flags.output, this.context.cwd);
    this.note(
      `wrote ${flags.output}: it holds no secret; stateward plan --against ${flags.output} compares with it`,
    );
    return EXIT.OK;
  }
}
