import * as Args from '@oclif/core/args';
import type { ApplyRequest } from '../../../api/contract/wire/apply.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { ApplyCommand, applyFlags } from '../base/apply-command.ts';
import { applyRequest } from '../../declare/applying.ts';
import { rollbackOf } from '../../wait/converge.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import {
  WAIT_EXITS,
  dependencyFlags,
  fileFlags,
  guardFlags,
  reloadFlags,
  scopeFlags,
} from '../base/flags.ts';
import { checkedOutCommits } from '../../declare/git-commit.ts';
import { readDeclared } from '../../declare/project-files.ts';

/** `apply`: makes the host as the file declares it, touching only what differs. */
export default class Apply extends ApplyCommand {
  static override summary = 'Make the host as the ecosystem file declares it, touching only what differs.';
  static override description = WAIT_EXITS;
  static override examples = [
    '<%= config.bin %> apply -f ecosystem.yaml --env production',
    '<%= config.bin %> apply --reload',
    '<%= config.bin %> apply plan.json',
  ];
  static override args = {
    plan: Args.string({
      description: 'Saved plan (plan -o json) to apply, if it still holds.',
      ignoreStdin: true,
    }),
  };
  static override flags = {
    ...fileFlags,
    ...scopeFlags,
    ...dependencyFlags,
    ...reloadFlags,
    ...applyFlags,
    'take-over': guardFlags['take-over'],
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Apply);
    const request = await this.#request(flags, args[0]);
    this.checkConfirm(flags);
    return this.applyAsFlagged(request, flags, rollbackOf);
  }

  async #request(
    flags: {
      readonly file: string[] | undefined;
      readonly env: string | undefined;
      readonly only: string[] | undefined;
      readonly prune: boolean;
      readonly 'allow-wipe': boolean;
      readonly 'take-over': boolean;
      readonly 'with-dependencies': boolean;
      readonly reload: boolean;
    },
    planPath: string | undefined,
  ): Promise<ApplyRequest> {
    const { 'allow-wipe': allowWipe, 'take-over': takeOver } = flags;
    if (planPath === undefined) {
      const declared = await readDeclared(flags.file, flags.env, this.context);
      await this.printDeclared(declared);
      const { prune, only = null } = flags;
      const command = `apply -f ${declared.files.join(' -f ')}${flags.reload ? ' --reload' : ''}`;
      return applyRequest(declared.projects, command, {
        prune,
        only,
        allowWipe,
        takeOver,
        withDependencies: flags['with-dependencies'],
        commits: checkedOutCommits(declared.projects),
        ...(flags.reload && { restart: { verb: 'reload' } }),
      });
    }
    if (
      flags.file !== undefined ||
      flags.env !== undefined ||
      flags.only !== undefined ||
      !flags.prune ||
      flags['with-dependencies'] ||
      flags.reload
    ) {
      throw usageError(
        'a saved plan says itself what it is about',
        'leave -f, --env, --only, --prune, --with-dependencies and --reload out, or leave the plan out',
      );
    }
    const { readSavedPlan } = await import('../../declare/saved-plan.ts');
    const saved = unwrap(readSavedPlan(planPath));
    const declared = await readDeclared(saved.files, saved.env ?? undefined, this.context);
    const { reload, ...options } = saved.options;
    return applyRequest(declared.projects, `apply ${planPath}`, {
      ...options,
      ...(reload === true && { restart: { verb: 'reload' } }),
      // What the plan was shown with may be applied without saying it again.
      allowWipe: allowWipe || saved.options.allowWipe === true,
      takeOver: takeOver || saved.options.takeOver === true,
      basis: saved.basis,
      commits: checkedOutCommits(declared.projects),
    });
  }
}
