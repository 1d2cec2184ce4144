import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { App } from '../../../api/contract/wire/apps.ts';
import { appKey } from '../../../lib/app-key.ts';
import type { DriftInfo } from '../../../api/contract/wire/drift/drift.ts';
import type { PlanDocument } from '../../../api/contract/wire/plan.ts';
import type { Failure } from '../../../lib/failure.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { applyRequest } from '../../declare/applying.ts';
import { BaseCommand } from '../base/base-command.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import { diffAgainst, diffProjects } from '../../revisions/diffing.ts';
import type { AppDiff } from '../../revisions/diffing.ts';
import { diffRevisions, readRevisionPair } from '../../revisions/diffing-revisions.ts';
import { againstFlags, type AgainstFlags } from '../base/against-flags.ts';
import { fileFlags, scopeFlags, targetFlag } from '../base/flags.ts';
import { outputFlag } from '../base/output-format.ts';
import { rememberDeclared } from '../../fast/unchanged/remember.ts';
import { readFlagged } from '../../variants/read-flagged.ts';
import type { FileFlags } from '../../variants/variants.ts';
import { driftLine } from '../../views/drift/drift-text.ts';
import { againstNotes, planRemarks } from '../../views/plan/plan-notes.ts';
import { paintDiff } from '../../views/plan/diff.ts';
import { renderJson } from '../../views/json.ts';

/** Drift that a comparison of the file with what is live shows by itself. */
const COMPARED: readonly DriftInfo['kind'][] = ['override', 'declaration', 'env-file', 'code', 'secret'];

/** What differs. `plan`: of what a file declares, where there is one; `warnings`: of the file, for who annotates it. */
interface Found {
  readonly diffs: readonly AppDiff[];
  readonly plan?: PlanDocument;
  readonly warnings?: readonly Failure[];
}

/**
 * `diff`: unified diff of the live declaration against the file, or of two kept revisions, app by app. Exit 0 same,
 * 1 differs, 2 and up error.
 */
export default class Diff extends BaseCommand {
  static override changesNothing = true;
  static override summary =
    'Show a unified diff of what is live against what is declared, or of two revisions.';
  static override description =
    'Without --revision, compares what is live with the ecosystem file; with --against, what a host of a snapshot has accepted. With --revision A B, compares what the two ' +
    'revisions declared; with one revision, what it declared with what is live. Exit code 0: the same, 1: something ' +
    'differs, 2 and up: an error.';
  static override usage = [
    'diff [-f FILE...] [--against SNAPSHOT] [FLAGS]',
    'diff [PROJECT|APP] --revision A [B] [-o table|json]',
  ];
  static override examples = [
    '<%= config.bin %> diff -f ecosystem.yaml',
    '<%= config.bin %> diff -f ecosystem.yaml --against snapshot.json -o markdown',
    '<%= config.bin %> diff shop/web --revision 41 42',
    '<%= config.bin %> diff --revision 41',
  ];
  /** 1 says that something differs. */
  static readonly failedExit = EXIT.CHANGES;
  static override strict = false;
  static override args = {
    'project|app': Args.string({
      description: 'With --revision: project or app; default: the only project.',
      ignoreStdin: true,
    }),
  };
  static override flags = {
    ...fileFlags,
    ...scopeFlags,
    revision: Flags.integer({
      multiple: true,
      multipleNonGreedy: true,
      description: 'Compare this revision, with the one behind it or with what is live.',
      helpValue: 'A [B]',
      min: 1,
      exclusive: ['file', 'env', 'only', 'merge', 'var', 'against'],
    }),
    ...againstFlags,
    ...targetFlag,
    output: outputFlag(['table', 'json', 'markdown', 'github']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Diff);
    const { revision } = flags;
    if (revision !== undefined && !flags.prune) {
      throw usageError('--prune cannot go with --revision', 'apps that only one side has are always shown');
    }
    const found: Found =
      revision === undefined
        ? await this.#declared(flags, args)
        : { diffs: await diffRevisions(readRevisionPair(revision, args), this.connect()) };
    await this.#show(found, flags);
    return found.diffs.length === 0 ? EXIT.OK : EXIT.FAILED;
  }

  async #show(
    { diffs, plan, warnings = [] }: Found,
    flags: FileFlags & { readonly file: string[] | undefined; readonly output: string },
  ): Promise<void> {
    switch (flags.output) {
      case 'json': {
        this.print(renderJson({ apiVersion: 'v1', kind: 'DiffList', items: diffs }));
        return;
      }
      case 'table': {
        for (const remark of plan === undefined ? [] : againstNotes(plan)) this.note(remark);
        this.print(diffs.map(({ diff }) => paintDiff(diff, this.outStyle)).join(''));
        return;
      }
      default: {
        const { renderDiffMarkdown } = await import('../../views/plan/diff-markdown.ts');
        const summary = renderDiffMarkdown(diffs, plan === undefined ? [] : planRemarks(plan));
        if (flags.output === 'markdown') {
          this.print(summary);
          return;
        }
        if (plan === undefined)
          throw usageError('-o github is about a file, and revisions are none', 'leave --revision out');
        const { printForGithub } = await import('../../ci/plan-for-github.ts');
        await printForGithub(plan, warnings, { flags, context: this.context, summary });
      }
    }
  }

  async #declared(
    flags: FileFlags &
      AgainstFlags & {
        readonly file: string[] | undefined;
        readonly only: string[] | undefined;
        readonly prune: boolean;
        readonly output: string;
      },
    [unexpected]: readonly string[],
  ): Promise<Found> {
    if (unexpected !== undefined) {
      throw usageError(
        `unexpected argument: ${unexpected}`,
        `files are named with -f: stateward diff -f ${unexpected}; revisions with --revision`,
      );
    }
    const { hostElsewhere } = await import('../../ci/host-elsewhere.ts');
    const elsewhere = await hostElsewhere(flags, this.context);
    const declared = await readFlagged(flags.file, flags, this.context, elsewhere?.reading);
    const { projects, warnings, unread } = declared;
    const scope = { prune: flags.prune, only: flags.only ?? null };
    if (elsewhere !== null) {
      if (flags.output !== 'github') this.printWarnings(warnings);
      const asked = { ...scope, specs: true as const, ...(unread !== undefined && { unread }) };
      const plan = unwrap(await elsewhere.api.plan(applyRequest(projects, 'diff', asked)));
      const { changes, against } = plan;
      if (against?.specs === undefined)
        throw new Error('the snapshot was compared, and its specs are not there');
      return { diffs: await diffAgainst(against.specs, { ...scope, changes }), plan, warnings };
    }
    if (flags.output !== 'github') await this.printDeclared(declared);
    const api = this.connectOrOffline();
    const { items } = unwrap(await api.apps({ selectors: [], spec: 'full' }));
    const planned = await api.plan(applyRequest(projects, 'diff', scope));
    if (planned.ok)
      rememberDeclared(declared, planned.value.basis.desiredHash, { home: this.home, env: this.context.env });
    this.#noteSurroundings(items, projects);
    // plan and apply report what a guard refuses; the declarations can be compared all the same.
    const changes = planned.ok ? planned.value.changes : [];
    const diffs = await diffProjects(projects, items, { ...scope, changes });
    if (flags.output === 'github') return { diffs, plan: unwrap(planned), warnings };
    return { diffs, ...(planned.ok && { plan: planned.value }) };
  }

  /** What has drifted around the apps, and no apply would change: it is said, and is no difference. */
  #noteSurroundings(apps: readonly App[], projects: readonly { readonly project: string }[]): void {
    const meant = new Set(projects.map(({ project }) => project));
    for (const { project, name, status } of apps) {
      if (!meant.has(project)) continue;
      for (const drift of status.drift ?? [])
        if (!COMPARED.includes(drift.kind)) this.note(`${appKey(project, name)}: ${driftLine(drift)}`);
    }
  }
}
