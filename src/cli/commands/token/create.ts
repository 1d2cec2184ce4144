import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { MAX_TOKEN_MS, TOKEN_NAME, TOKEN_NAME_HINT } from '../../../api/contract/wire/access/tokens.ts';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { whoAmI } from '../../declare/project-files.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import { BaseCommand } from '../base/base-command.ts';
import { optionalDurationFlag } from '../base/flags.ts';
import { outputFlag } from '../base/output-format.ts';
import { renderJson } from '../../views/json.ts';

const LEAST_MS = 1_000;

/** `token create`: the token to stdout, and nothing else, so that it can be piped to where it is kept. */
export default class TokenCreate extends BaseCommand {
  static override summary = 'Create a token for scripts and other machines, and print it, once.';
  static override description =
    'It is for the listener of the daemon (http.listen): in the header Authorization: Bearer TOKEN, or to log in to the ' +
    'dashboard. Without --write it only reads. Only its hash is kept, so it cannot be shown again.';
  static override examples = [
    '<%= config.bin %> token create prometheus > /etc/prometheus/stateward.token',
    '<%= config.bin %> token create ci --write --expires 30d',
  ];
  static override args = {
    token: Args.string({ description: 'Name of the token.', required: true, ignoreStdin: true }),
  };
  static override flags = {
    write: Flags.boolean({ description: 'Let it change things too: an apply can start any program.' }),
    expires: optionalDurationFlag('How long it holds (30d); without it, until it is deleted.'),
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(TokenCreate);
    const [name] = args;
    if (name === undefined) throw usageError('name the token', 'stateward token create ci --expires 30d');
    if (!TOKEN_NAME.test(name)) {
      throw usageError(`${JSON.stringify(name)} cannot be the name of a token`, TOKEN_NAME_HINT);
    }
    const forMs = flags.expires ?? null;
    if (forMs !== null && (forMs < LEAST_MS || forMs > MAX_TOKEN_MS)) {
      throw usageError(
        '--expires: a token holds from 1s to 100 years',
        'without a unit it means milliseconds',
      );
    }
    const access = flags.write ? 'write' : 'read';
    const api = this.connect();
    const made = unwrap(await api.createToken({ name, access, forMs, by: whoAmI() }));
    this.print(flags.output === 'json' ? renderJson(made) : `${made.token}\n`);
    const { expiresAt } = made.info;
    const till = expiresAt === null ? 'until it is deleted' : `until ${expiresAt}`;
    this.note(
      `token ${name} may ${access === 'write' ? 'read and change things' : 'read'} ${till}; it is not shown again`,
    );
    const status = await api.status();
    if (status.ok && status.value.http === undefined) {
      this.note('nothing listens for it yet (stateward config set http.listen 127.0.0.1:9615)');
    }
    return EXIT.OK;
  }
}
