import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { applyRequest } from '../../declare/applying.ts';
import { BaseCommand } from '../base/base-command.ts';
import { unwrap } from '../../session/failures.ts';
import {
  dependencyFlags,
  fileFlags,
  guardFlags,
  reloadFlags,
  scopeFlags,
  targetFlag,
} from '../base/flags.ts';
import { outputFlag } from '../base/output-format.ts';
import { againstFlags, type AgainstFlags } from '../base/against-flags.ts';
import type { HostElsewhere } from '../../ci/host-elsewhere.ts';
import { rememberDeclared } from '../../fast/unchanged/remember.ts';
import { readFlagged, type FlaggedFiles } from '../../variants/read-flagged.ts';
import { hasChanges } from '../../views/plan/changes.ts';
import { renderJson } from '../../views/json.ts';
import { printedPlan } from '../../views/plan/printed-plan.ts';
import { isBlind } from '../../views/plan/plan-notes.ts';

/** `plan`: what `apply` would do, and what it costs. Touches nothing. */
export default class Plan extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Show what apply would change and what it costs, touching nothing.';
  static override examples = [
    '<%= config.bin %> plan -f ecosystem.yaml --env production',
    '<%= config.bin %> plan -f ecosystem.yaml --against snapshot.json --verify-key web-1.pem -o markdown',
    '<%= config.bin %> plan -f ecosystem.yaml -o json > plan.json && <%= config.bin %> apply plan.json',
  ];
  static override flags = {
    ...fileFlags,
    ...scopeFlags,
    ...dependencyFlags,
    ...reloadFlags,
    ...guardFlags,
    'detailed-exitcode': Flags.boolean({
      description:
        'Exit 2 when there are changes, 0 when there are none, 69 when the processes cannot be seen.',
    }),
    ...againstFlags,
    ...targetFlag,
    output: outputFlag(['table', 'json', 'yaml', 'markdown', 'github']),
  };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(Plan);
    const elsewhere = await this.#elsewhere(flags);
    const declared = await readFlagged(flags.file, flags, this.context, elsewhere?.reading);
    if (flags.output !== 'github') await this.#printWarnings(declared, elsewhere !== null);
    const api = elsewhere?.api ?? this.connectOrOffline();
    const request = applyRequest(
      declared.projects,
      `plan -f ${declared.files.join(' -f ')}${declared.words}`,
      {
        prune: flags.prune,
        only: flags.only ?? null,
        allowWipe: flags['allow-wipe'],
        takeOver: flags['take-over'],
        withDependencies: flags['with-dependencies'],
        ...(declared.unread !== undefined && elsewhere !== null && { unread: declared.unread }),
        ...(flags.reload && { restart: { verb: 'reload' } }),
      },
    );
    const plan = unwrap(await api.plan(request));
    rememberDeclared(declared, plan.basis.desiredHash, { home: this.home, env: this.context.env });
    if (flags.output === 'github') {
      const { printForGithub } = await import('../../ci/plan-for-github.ts');
      await printForGithub(plan, declared.warnings, { flags, context: this.context });
    } else
      this.print(
        flags.output === 'json'
          ? renderJson(plan)
          : await printedPlan(plan, flags.output, {
              color: this.outStyle.enabled,
              columns: this.context.streams.stdout.columns,
            }),
      );
    if (plan.guard !== null) return this.refused(plan.guard);
    if (!flags['detailed-exitcode']) return EXIT.OK;
    if (hasChanges(plan)) return EXIT.CHANGES;
    return isBlind(plan) ? EXIT.UNAVAILABLE : EXIT.OK;
  }

  /** The host of a snapshot; null: this one. */
  async #elsewhere(flags: AgainstFlags): Promise<HostElsewhere | null> {
    const { hostElsewhere } = await import('../../ci/host-elsewhere.ts');
    return hostElsewhere(flags, this.context);
  }

  /** Where there may be no home, nothing is remembered of what was shown. */
  async #printWarnings(declared: FlaggedFiles, isElsewhere: boolean): Promise<void> {
    if (!isElsewhere) return this.printDeclared(declared);
    const { annotate } = await import('../../ci/annotate.ts');
    annotate(declared.warnings, 'warning', this.context);
    this.printWarnings(declared.warnings);
  }
}
