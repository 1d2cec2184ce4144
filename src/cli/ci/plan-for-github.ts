import type { PlanDocument } from '../../api/contract/wire/plan.ts';
import { resolvedApps } from '../../config/origins/origins.ts';
import { appKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { readDocumentsDeclared } from '../declare/project-files.ts';
import type { CliContext } from '../session/context.ts';
import { variantsOf, type FileFlags } from '../variants/variants.ts';
import { hasChanges } from '../views/plan/changes.ts';
import { renderPlanMarkdown } from '../views/plan/markdown.ts';
import { failureAnnotations, renderAnnotations } from './annotations.ts';
import { annotationFolders, reportToJob } from './github.ts';
import { planAnnotations, type PlaceOf } from './plan-annotations.ts';

interface ForGithub {
  readonly flags: FileFlags & { readonly file: string[] | undefined };
  readonly context: CliContext;
  /** For the step. Absent: the plan. */
  readonly summary?: string;
}

/** `-o github`: annotations on stdout, the plan as the summary of the step, and `changes` as its output. */
export async function printForGithub(
  plan: PlanDocument,
  warnings: readonly Failure[],
  { flags, context, summary = renderPlanMarkdown(plan) }: ForGithub,
): Promise<void> {
  const annotations = [
    ...failureAnnotations(warnings, 'warning'),
    ...planAnnotations(plan, await placesOf(flags, context)),
  ];
  context.streams.stdout.write(renderAnnotations(annotations, annotationFolders(context)));
  const outputs = { changes: String(hasChanges(plan)), refused: String(plan.guard !== null) };
  reportToJob({ summary, outputs }, context.env);
}

async function placesOf(flags: ForGithub['flags'], context: CliContext): Promise<PlaceOf> {
  // It has been read, and cannot be read again.
  if (flags.file?.includes('-') === true) return () => null;
  const variants = { ...variantsOf(flags, flags.file), hostChecks: 'skip' as const };
  const files = await readDocumentsDeclared(flags.file, flags.env, context, variants);
  const options = {
    env: flags.env ?? null,
    cwd: context.cwd,
    home: context.env['HOME'] ?? null,
    showSecrets: false,
  };
  const apps = new Map(
    files.flatMap((file) =>
      resolvedApps(file, options).map((resolved, index) => {
        const { name } = file.loaded.apps[index]?.spec ?? { name: '' };
        return [appKey(file.project, name), resolved] as const;
      }),
    ),
  );
  return (app, path) => apps.get(app)?.originOf(path) ?? null;
}
