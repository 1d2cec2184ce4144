import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { ApplyRequest } from '../../../api/contract/wire/apply.ts';
import type { PlanDocument } from '../../../api/contract/wire/plan.ts';
import { appKey, type AppKey } from '../../../lib/app-key.ts';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { ApplyCommand, applyFlags } from '../base/apply-command.ts';
import { appMeant } from '../../declare/app-meant.ts';
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
  targetFlag,
  waitFlags,
} from '../base/flags.ts';
import type { AppSpec } from '../../../spec/types.ts';
import { renderJson } from '../../views/json.ts';
import { checkedOutCommits } from '../../declare/git-commit.ts';
import { rememberDeclared } from '../../fast/unchanged/remember.ts';
import { readFlagged } from '../../variants/read-flagged.ts';
import { variantsOf, type FileFlags } from '../../variants/variants.ts';
import { readDeclared, whoAmI, type Declared } from '../../declare/project-files.ts';

/** `apply`: makes the host as the file declares it, touching only what differs. */
export default class Apply extends ApplyCommand {
  static override summary = 'Make the host as the ecosystem file declares it, touching only what differs.';
  static override description = WAIT_EXITS;
  static override examples = [
    '<%= config.bin %> apply -f ecosystem.yaml --env production',
    '<%= config.bin %> apply -f ecosystem.yaml -f production.yaml --merge --var tag=1.4.2',
    '<%= config.bin %> apply --reload',
    '<%= config.bin %> apply --confirm-within 5m && ./smoke.sh && <%= config.bin %> apply --confirmed',
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
    ...targetFlag,
    'take-over': guardFlags['take-over'],
    confirmed: Flags.boolean({
      description: 'Keep what was applied with --confirm-within; applies nothing.',
      exclusive: [scopeFlags, dependencyFlags, reloadFlags, guardFlags, waitFlags]
        .flatMap((flags) => Object.keys(flags))
        .concat('dry-run', 'confirm', 'confirm-within', 'exit-code-from'),
    }),
    'exit-code-from': Flags.string({
      description: 'Wait until this app has ended for good too, and end with its exit code.',
      helpValue: 'APP',
    }),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Apply);
    if (flags.confirmed) return this.#confirm(flags, args);
    const { request, declared } = await this.#request(flags, args[0]);
    this.checkConfirm(flags);
    const exitCodeFrom = this.#exitCodeFrom(flags, request);
    const onAccepted = ({ basis }: PlanDocument): void => {
      if (declared !== null)
        rememberDeclared(declared, basis.desiredHash, { home: this.home, env: this.context.env });
    };
    return this.applyAsFlagged(request, { ...flags, exitCodeFrom, onAccepted }, rollbackOf);
  }

  /** Of the projects that -f names, else of the only one that waits for it. */
  async #confirm(
    flags: FileFlags & {
      readonly file: string[] | undefined;
      readonly output: 'table' | 'json';
    },
    [plan]: readonly string[],
  ): Promise<ExitCode> {
    if (plan !== undefined)
      throw usageError(
        `--confirmed applies nothing, so ${plan} has no effect`,
        'leave it out; -f says of which project',
      );
    const { file } = flags;
    const declared =
      file === undefined ? null : await readFlagged(file, flags, this.context, { hostChecks: 'skip' });
    const projects = declared?.projects.map(({ project }) => project) ?? null;
    const confirmed = unwrap(await this.connect().confirm({ projects, by: whoAmI() }));
    if (flags.output === 'json') this.print(renderJson(confirmed));
    else
      for (const { project, revision } of confirmed.results)
        this.print(`${project}  revision ${revision} is confirmed\n`);
    return EXIT.OK;
  }

  /** The app that is named, of those that are declared. Throws USAGE, also for one that never ends by itself. */
  #exitCodeFrom(
    flags: { readonly 'exit-code-from': string | undefined; readonly wait: boolean },
    { projects, only }: ApplyRequest,
  ): AppKey | undefined {
    const word = flags['exit-code-from'];
    if (word === undefined) return undefined;
    if (!flags.wait)
      throw usageError('--exit-code-from waits, and --no-wait does not', 'leave one of them out');
    const specs = new Map(
      projects.flatMap(({ project, apps }) =>
        apps.flatMap((spec) =>
          (only?.includes(spec.name) ?? true) ? [[appKey(project, spec.name), spec] as const] : [],
        ),
      ),
    );
    const key = appMeant('--exit-code-from', word, [...specs.keys()]);
    const problem = neverEnds(specs.get(key));
    if (problem !== null)
      throw usageError(`--exit-code-from: ${word} ${problem}`, 'declare it with autorestart: false');
    return key;
  }

  async #request(
    flags: FileFlags & {
      readonly file: string[] | undefined;
      readonly only: string[] | undefined;
      readonly prune: boolean;
      readonly 'allow-wipe': boolean;
      readonly 'take-over': boolean;
      readonly 'with-dependencies': boolean;
      readonly reload: boolean;
    },
    planPath: string | undefined,
  ): Promise<{ readonly request: ApplyRequest; readonly declared: Declared | null }> {
    const { 'allow-wipe': allowWipe, 'take-over': takeOver } = flags;
    if (planPath === undefined) {
      const declared = await readFlagged(flags.file, flags, this.context);
      await this.printDeclared(declared);
      const { prune, only = null } = flags;
      const command = `apply -f ${declared.files.join(' -f ')}${declared.words}${flags.reload ? ' --reload' : ''}`;
      const request = applyRequest(declared.projects, command, {
        prune,
        only,
        allowWipe,
        takeOver,
        withDependencies: flags['with-dependencies'],
        commits: checkedOutCommits(declared.projects),
        readFrom: declared.readFrom,
        ...(flags.reload && { restart: { verb: 'reload' } }),
      });
      return { request, declared };
    }
    if (
      flags.file !== undefined ||
      flags.env !== undefined ||
      flags.merge ||
      flags.only !== undefined ||
      !flags.prune ||
      flags['with-dependencies'] ||
      flags.reload
    ) {
      throw usageError(
        'a saved plan says itself what it is about',
        'leave -f, --merge, --env, --only, --prune, --with-dependencies and --reload out, or leave the plan out',
      );
    }
    const { readSavedPlan } = await import('../../declare/saved-plan.ts');
    const { vars } = variantsOf(flags, []);
    const saved = unwrap(readSavedPlan(planPath, 'host', vars));
    const declared = await readDeclared(saved.files, saved.env ?? undefined, this.context, saved);
    const { reload, ...options } = saved.options;
    const request = applyRequest(declared.projects, `apply ${planPath}`, {
      ...options,
      ...(reload === true && { restart: { verb: 'reload' } }),
      // What the plan was shown with may be applied without saying it again.
      allowWipe: allowWipe || saved.options.allowWipe === true,
      takeOver: takeOver || saved.options.takeOver === true,
      basis: saved.basis,
      commits: checkedOutCommits(declared.projects),
      readFrom: declared.readFrom,
    });
    return { request, declared: null };
  }
}

/** Why an app does not end for good by itself; null: it may. */
function neverEnds(spec: AppSpec | undefined): string | null {
  if (spec === undefined) return null;
  if (spec.schedule !== null) return 'runs by its schedule, and not now';
  if (spec.autorestart && spec.stop_exit_codes.length === 0) return 'is started again whenever it ends';
  return null;
}
