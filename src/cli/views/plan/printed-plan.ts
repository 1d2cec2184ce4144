import type { PlanDocument } from '../../../api/contract/wire/plan.ts';
import { renderYaml } from '../yaml.ts';
import { renderPlan } from './plan-human.ts';

/** A plan in another form than JSON, as `-o` asks for it. `columns`: of the terminal; undefined: it is none. */
export async function printedPlan(
  plan: PlanDocument,
  output: 'table' | 'yaml' | 'markdown',
  { color, columns }: { readonly color: boolean; readonly columns: number | undefined },
): Promise<string> {
  switch (output) {
    case 'yaml':
      return renderYaml(plan);
    case 'markdown': {
      const { renderPlanMarkdown } = await import('./markdown.ts');
      return renderPlanMarkdown(plan);
    }
    case 'table':
      return renderPlan(plan, { color, width: columns ?? 110 });
  }
}
