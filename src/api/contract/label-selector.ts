import { err, ok, type Result } from '../../lib/result.ts';

export type Labels = Readonly<Record<string, string>>;

/** One condition on the labels of an app; all of an expression must hold. */
export type LabelRequirement =
  | { readonly kind: 'in' | 'notin'; readonly key: string; readonly values: readonly string[] }
  | { readonly kind: 'exists' | 'absent'; readonly key: string };

const SET = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/s;
const EQUALITY = /^([^\s!=,()]+)\s*(==|=|!=)\s*((?:[^\s!=,()]+(?:[ \t]+[^\s!=,()]+)*)?)$/;
const KEY = /^(!?)\s*([^\s!=,()<>]+)$/;

/**
 * Reads `tier=web`, `tier==web`, `env!=dev`, `env in (a,b)`, `env notin (a,b)`, `tier` and `!tier`, joined by commas: the
 * label selectors of kubectl. Fails with the part that is none of them.
 */
export function parseLabels(expression: string): Result<readonly LabelRequirement[], string> {
  const requirements: LabelRequirement[] = [];
  for (const part of partsOf(expression)) {
    const requirement = requirementOf(part.trim());
    if (requirement === null) return err(part.trim());
    requirements.push(requirement);
  }
  return ok(requirements);
}

/** Splits at commas that stand in no parentheses. */
function partsOf(expression: string): readonly string[] {
  return expression.split(/,(?![^(]*\))/);
}

function requirementOf(text: string): LabelRequirement | null {
  const [, setKey, operator, list] = SET.exec(text) ?? [];
  if (setKey !== undefined && KEY.test(setKey)) {
    const values = (list ?? '').split(',').map((value) => value.trim());
    return { kind: operator === 'in' ? 'in' : 'notin', key: setKey, values };
  }
  const [, key, sign, value = ''] = EQUALITY.exec(text) ?? [];
  if (key !== undefined) return { kind: sign === '!=' ? 'notin' : 'in', key, values: [value] };
  const [, not, bare] = KEY.exec(text) ?? [];
  if (bare === undefined) return null;
  return { kind: not === '!' ? 'absent' : 'exists', key: bare };
}

/** Whether labels meet a requirement. As in kubectl, what has no such label meets `!=` and `notin`. */
export function meets(labels: Labels, requirement: LabelRequirement): boolean {
  const { key } = requirement;
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (requirement.kind) {
    case 'in':
      return value !== undefined && requirement.values.includes(value);
    case 'notin':
      return value === undefined || !requirement.values.includes(value);
    case 'exists':
      return value !== undefined;
    case 'absent':
      return value === undefined;
  }
}
