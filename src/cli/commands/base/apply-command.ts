import * as Flags from '@oclif/core/flags';
import type { App } from '../../../api/contract/wire/apps.ts';
import type { ApplyRequest } from '../../../api/contract/wire/apply.ts';
import type { PlanDocument } from '../../../api/contract/wire/plan.ts';
import type { AppKey } from '../../../lib/app-key.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import type { Api } from '../../session/api.ts';
import { applyDeclared } from '../../declare/applying.ts';
import { BaseCommand } from './base-command.ts';
import type { UndoCommand } from '../../wait/converge.ts';
import { confirm } from '../../session/confirm.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import { guardFlags, optionalDurationFlag, waitFlags } from './flags.ts';
import { outputFlag } from './output-format.ts';
import { hasChanges } from '../../views/plan/changes.ts';
import { trialsText } from '../../views/guards/trials.ts';
import { renderJson } from '../../views/json.ts';
import { renderPlan } from '../../views/plan/plan-human.ts';

/** The flags of commands that apply something: to preview, to wait, to pass a guard. */
export const applyFlags = {
  ...waitFlags,
  'dry-run': Flags.boolean({ description: 'Show the plan and stop.' }),
  confirm: Flags.boolean({ description: 'Show the plan and ask before applying it.' }),
  'confirm-within': optionalDurationFlag(
    'On trial: what changes is taken back after this long, unless apply --confirmed is run.',
  ),
  'allow-wipe': guardFlags['allow-wipe'],
  output: outputFlag(['table', 'json']),
};

/** How something is applied: the flags, as parsed. */
export interface ApplyFlags {
  readonly wait: boolean;
  readonly timeout: number;
  readonly 'dry-run': boolean;
  readonly confirm: boolean;
  /** Milliseconds; absent: what is applied stays. */
  readonly 'confirm-within'?: number | undefined;
  readonly output: 'table' | 'json';
  /** The app whose exit code the command ends with; absent: none. */
  readonly exitCodeFrom?: AppKey | undefined;
  /** Called with what was accepted, before waiting. */
  readonly onAccepted?: (plan: PlanDocument) => void;
}

/** Commands that apply a declaration: `apply` what a file declares, `rollback` what was declared before. */
export abstract class ApplyCommand extends BaseCommand {
  /** Throws before anything is done when there is no terminal to ask on. */
  protected checkConfirm(flags: ApplyFlags): void {
    if (!flags.confirm || process.stdin.isTTY) return;
    throw usageError(
      '--confirm needs a terminal to ask on',
      'leave --confirm out to apply without a question',
    );
  }

  /**
   * Shows, asks, applies and waits, as the flags say. `undo`: the command that would undo it. `revision`: for a rollback,
   * the revision that is applied.
   */
  protected async applyAsFlagged(
    request: ApplyRequest,
    flags: ApplyFlags,
    undo: UndoCommand,
    revision?: number,
  ): Promise<ExitCode> {
    const json = flags.output === 'json';
    let basis = request.basis;
    if (flags['dry-run'] || flags.confirm) {
      const api = this.connectOrOffline();
      const plan = unwrap(await api.plan(request));
      this.print(json ? renderJson(plan) : this.#human(plan, revision));
      if (plan.guard !== null) return this.refused(plan.guard);
      if (flags['dry-run'] || !hasChanges(plan)) return EXIT.OK;
      if (!(await confirm('Apply these changes?', this.context.streams.stderr))) {
        this.note('nothing was applied');
        return EXIT.FAILED;
      }
      // What is applied is what was shown, or nothing.
      basis = plan.basis;
    }
    const withinMs = flags['confirm-within'];
    const isMeant = ({ project }: App): boolean => request.projects.some((spec) => spec.project === project);
    const api = this.connectOrStart(isMeant);
    const applied = await applyDeclared({
      api,
      request: { ...request, basis, ...(withinMs !== undefined && { confirmWithinMs: withinMs }) },
      wait: flags.wait,
      timeoutMs: flags.timeout,
      context: this.context,
      style: this.errStyle,
      undo,
      exitCodeFrom: flags.exitCodeFrom,
      onAccepted: (plan) => {
        flags.onAccepted?.(plan);
        if (!json && !flags.confirm && hasChanges(plan)) this.print(this.#human(plan, revision));
      },
    });
    const { plan, trials } = applied;
    if (withinMs !== undefined) this.note(trialsText(trials, this.context.clock.now()));
    if (json) this.print(renderJson(trials.length === 0 ? plan : { ...plan, trials }));
    else if (applied.exit === EXIT.OK) await this.sayBootHint(api);
    return applied.exit;
  }

  /** Whoever has apps running for the first time is told when a reboot would end them. */
  protected async sayBootHint(api: Api): Promise<void> {
    const { sayBootHint } = await import('../../said-once/boot-hint.ts');
    await sayBootHint({ home: this.home, context: this.context, api });
  }

  #human(plan: PlanDocument, revision: number | undefined): string {
    const width = this.context.streams.stdout.columns ?? 110;
    const target = revision === undefined ? {} : { revision };
    return renderPlan(plan, { color: this.outStyle.enabled, width, ...target });
  }
}
