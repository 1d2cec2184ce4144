import type { PlanDocument } from '../../../api/contract/wire/plan.ts';
import type { ProjectOutline } from '../../../api/contract/wire/unchanged/unchanged.ts';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { mayHintAtBoot } from '../../said-once/boot-hint-shown.ts';
import { renderJson } from '../../views/json.ts';
import { renderPlan } from '../../views/plan/plan-human.ts';
import { againstNotes, isBlind } from '../../views/plan/plan-notes.ts';
import { renderSummary } from '../../views/plan/summary.ts';
import { count } from '../../views/text/quantities.ts';
import { wantsColor, type Streams } from '../../views/text/terminal.ts';
import { NotPlain } from '../plain/not-plain.ts';
import type { DeclaringLine, DeclaringVerb } from './lines.ts';

/** Who is told, and how. */
export interface View {
  readonly line: DeclaringLine;
  readonly streams: Streams;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** Says what `validate` says of files without a warning. */
export function sayValid(
  projects: readonly ProjectOutline[],
  { line: { isJson }, streams: { stdout } }: View,
): ExitCode {
  const text = isJson
    ? renderJson({
        valid: true,
        projects: projects.map(({ project, apps }) => ({ project, apps })),
        warnings: [],
      })
    : projects.map(({ project, apps }) => `${project}: ${count(apps.length, 'app')}, valid\n`).join('');
  stdout.write(text);
  return EXIT.OK;
}

/** Says what a verb says of a plan without changes. Gives the exit code. */
export function sayUnchanged(
  verb: Exclude<DeclaringVerb, 'validate'>,
  plan: PlanDocument,
  { line, streams: { stdout, stderr }, env, home }: View,
): ExitCode {
  const { isJson, isDetailed, waits, noColor } = line;
  switch (verb) {
    case 'apply':
      // Whoever is to be told is told by the full command.
      if (!isJson && mayHintAtBoot({ home, env, isTerminal: stderr.isTTY === true })) throw new NotPlain();
      stderr.write(renderSummary(plan, waits));
      if (isJson) stdout.write(renderJson(plan));
      return EXIT.OK;
    case 'plan': {
      const color = wantsColor(stdout, { env, noColor });
      stdout.write(isJson ? renderJson(plan) : renderPlan(plan, { color, width: stdout.columns ?? 110 }));
      return isDetailed && isBlind(plan) ? EXIT.UNAVAILABLE : EXIT.OK;
    }
    case 'diff':
      if (!isJson && againstNotes(plan).length > 0) throw new NotPlain();
      if (isJson) stdout.write(renderJson({ apiVersion: 'v1', kind: 'DiffList', items: [] }));
      return EXIT.OK;
  }
}
