import type { AppSpec } from '../types.ts';

/** `increment_var: PORT` gives slot n the declared value plus n. */
export function countedVariable(
  spec: Pick<AppSpec, 'increment_var' | 'env'>,
  slot: number,
): Record<string, string> {
  if (spec.increment_var === null) return {};
  const base = spec.env[spec.increment_var];
  if (base === undefined || !/^-?\d+$/.test(base)) return {};
  return { [spec.increment_var]: String(Number(base) + slot) };
}
