import { shortCommit } from '../../../lib/commit-hash.ts';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';
import { unwrap } from '../../session/failures.ts';
import { sourceNamed } from '../../sources/named.ts';
import { renderJson } from '../../views/json.ts';
import { whoAmI } from '../../declare/project-files.ts';
import { followSync } from '../../sources/follow-sync.ts';
import { guardFlags, waitFlags } from '../base/flags.ts';

/** `source sync`: looks at a source now, and applies what is new. */
export default class SourceSync extends BaseCommand {
  static override summary = 'Look at a source now, apply what is new, and wait for it.';
  static override description = `What was bad is tried again.

Exit codes:
  0    what is newest is applied, and its apps have proven themselves
  1    it could not be looked at
  3    an app has failed, and keeps the version before
  4    not done after --timeout
  6    a guard refuses it (--allow-wipe, --take-over)
  65   the ecosystem file is wrong, and nothing was changed`;
  static override examples = ['<%= config.bin %> source sync shop'];
  static override args = {
    source: Args.string({ description: 'Name of the source.', required: true, ignoreStdin: true }),
  };
  static override flags = {
    commit: Flags.string({
      description: 'This commit instead of the newest, which is then passed over until there is a newer one.',
      helpValue: 'HASH',
    }),
    ...waitFlags,
    'allow-wipe': guardFlags['allow-wipe'],
    'take-over': guardFlags['take-over'],
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(SourceSync);
    const name = sourceNamed(args, 'sync');
    const api = this.connect();
    const request = {
      verb: 'sync',
      name,
      by: whoAmI(),
      reason: null,
      version: flags.commit ?? null,
    } as const;
    const guards = { allowWipe: flags['allow-wipe'], takeOver: flags['take-over'] };
    const asked = unwrap(await api.actOnSource({ ...request, ...guards }));
    const exit = flags.wait
      ? await followSync({
          before: asked,
          api,
          name,
          timeoutMs: flags.timeout,
          context: this.context,
          style: this.errStyle,
        })
      : EXIT.OK;
    if (flags.output === 'json') {
      this.print(renderJson(flags.wait ? unwrap(await api.source({ name })) : asked));
    } else if (exit === EXIT.OK && flags.wait) {
      const { status } = unwrap(await api.source({ name }));
      this.print(
        `${name}  ${status.state}${status.applied === null ? '' : ` at ${shortCommit(status.applied.version)}`}\n`,
      );
    }
    return exit;
  }
}
