import type { ExitCode } from '../../../lib/exit-codes.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import { applyFlags } from './apply-command.ts';
import type { ApplyFlags } from './apply-command.ts';
import { declaredKeys } from '../../declare/file-target.ts';
import type { Renewal } from '../../declare/renewing.ts';
import { renewalRequest } from '../../declare/renewing.ts';
import { checkNoFileFlags } from '../../variants/read-flagged.ts';
import type { FileFlags } from '../../variants/variants.ts';
import { rollbackOf } from '../../wait/converge.ts';
import { fileFlags, guardFlags, scopeFlags, selectionFlags } from './flags.ts';
import { VerbCommand } from './verb-command.ts';

/** What replaces processes, by selectors or after a file was applied. */
export const renewFlags = {
  ...fileFlags,
  ...scopeFlags,
  ...selectionFlags,
  ...guardFlags,
  ...applyFlags,
};

type RenewFlags = ApplyFlags &
  FileFlags & {
    readonly only: readonly string[] | undefined;
    readonly prune: boolean;
    readonly 'allow-wipe': boolean;
    readonly 'take-over': boolean;
  };

/** Flags that say how a file is applied, and nothing of apps that are named. */
const OF_FILES = [
  'env',
  'merge',
  'var',
  'only',
  'dry-run',
  'confirm',
  'confirm-within',
  'allow-wipe',
  'take-over',
] as const;

/** `reload` and `restart`. */
export abstract class RenewCommand extends VerbCommand {
  /** Applies files with every process a new one, as `apply` does it: with its plan, its guards and its exit codes. */
  protected async renewFiles(
    files: readonly string[],
    how: Pick<Renewal, 'verb' | 'now'>,
    flags: RenewFlags,
  ): Promise<ExitCode> {
    const { only, prune, 'allow-wipe': allowWipe, 'take-over': takeOver } = flags;
    const renewal = { ...how, flags, only, prune, allowWipe, takeOver };
    const { request, warnings } = await renewalRequest(files, renewal, this.context);
    await this.printDeclared({ projects: request.projects, warnings });
    this.checkConfirm(flags);
    const exit = await this.applyAsFlagged(request, flags, rollbackOf);
    if (exit === EXIT.OK && !flags['dry-run']) {
      await this.showOutcome(declaredKeys(request.projects, only), flags, this.connect());
    }
    return exit;
  }

  protected checkWithoutFile(flags: RenewFlags): void {
    checkNoFileFlags(
      { ...flags, 'no-prune': !flags.prune },
      {
        names: [...OF_FILES, 'no-prune'],
        hint: 'name the file in place of the app: stateward reload ecosystem.yaml --env production',
      },
    );
  }
}
