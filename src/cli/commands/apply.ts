import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { ApplyRequest } from '../../api/wire.ts';
import { EXIT } from '../../lib/exit-codes.ts';
import type { ExitCode } from '../../lib/exit-codes.ts';
import { applyDeclared, applyRequest } from '../applying.ts';
import { BaseCommand } from '../base-command.ts';
import { unwrap, usageError } from '../failures.ts';
import { confirm } from '../confirm.ts';
import { fileFlags, scopeFlags, waitFlags } from '../flags.ts';
import { outputFlag } from '../output-format.ts';
import { ecosystemFiles, readDeclared } from '../project-files.ts';
import { readSavedPlan } from '../saved-plan.ts';
import { hasChanges } from '../views/changes.ts';
import { renderJson } from '../views/json.ts';
import { renderPlan } from '../views/plan-human.ts';

/** `apply`: makes the host as the file declares it, touching only what differs. */
export default class Apply extends BaseCommand {
  static override summary = 'Make the host as the ecosystem file declares it, touching only what differs.';
  static override examples = [
    '<%= config.bin %> apply -f ecosystem.yaml --env production',
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
    ...waitFlags,
    'dry-run': Flags.boolean({ description: 'Show the plan and stop.' }),
    confirm: Flags.boolean({ description: 'Show the plan and ask before applying it.' }),
    'allow-wipe': Flags.boolean({
      description: 'Allow to remove all apps of a project, most of the running ones, or protected ones.',
    }),
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Apply);
    const request = await this.#request(flags, args[0]);
    if (flags.confirm && !process.stdin.isTTY) {
      throw usageError(
        '--confirm needs a terminal to ask on',
        'leave --confirm out to apply without a question',
      );
    }
    const json = flags.output === 'json';
    let basis = request.basis;
    if (flags['dry-run'] || flags.confirm) {
      const api = this.connectOrOffline();
      const plan = unwrap(await api.plan(request));
      this.print(json ? renderJson(plan) : this.#human(plan));
      if (plan.guard !== null) this.printWarnings([plan.guard]);
      if (flags['dry-run'] || !hasChanges(plan)) return EXIT.OK;
      if (!(await confirm('Apply these changes?', this.context.streams.stderr))) {
        this.note('nothing was applied');
        return EXIT.FAILED;
      }
      // What is applied is what was shown, or nothing.
      basis = plan.basis;
    }
    const api = this.connectOrStart();
    const applied = await applyDeclared({
      api,
      request: { ...request, basis },
      wait: flags.wait,
      timeoutMs: flags.timeout,
      context: this.context,
      style: this.errStyle,
      onAccepted: (plan) => {
        if (!json && !flags.confirm && hasChanges(plan)) this.print(this.#human(plan));
      },
    });
    if (json) this.print(renderJson(applied.plan));
    return applied.exit;
  }

  #human(plan: Parameters<typeof renderPlan>[0]): string {
    const width = this.context.streams.stdout.columns ?? 110;
    return renderPlan(plan, { color: this.outStyle.enabled, width });
  }

  async #request(
    flags: {
      readonly file: string[] | undefined;
      readonly env: string | undefined;
      readonly only: string[] | undefined;
      readonly prune: boolean;
      readonly 'allow-wipe': boolean;
    },
    planPath: string | undefined,
  ): Promise<ApplyRequest> {
    const allowWipe = flags['allow-wipe'];
    if (planPath === undefined) {
      const files = ecosystemFiles(flags.file, this.context.cwd);
      const declared = await readDeclared(files, flags.env, this.context);
      this.printWarnings(declared.warnings);
      const { prune, only = null } = flags;
      return applyRequest(declared.projects, `apply -f ${files.join(' -f ')}`, { prune, only, allowWipe });
    }
    if (flags.file !== undefined || flags.env !== undefined || flags.only !== undefined || !flags.prune) {
      throw usageError(
        'a saved plan says itself what it is about',
        'leave -f, --env, --only and --prune out, or leave the plan out',
      );
    }
    const saved = unwrap(readSavedPlan(planPath));
    const declared = await readDeclared(saved.files, saved.env ?? undefined, this.context);
    return applyRequest(declared.projects, `apply ${planPath}`, {
      ...saved.options,
      allowWipe,
      basis: saved.basis,
    });
  }
}
