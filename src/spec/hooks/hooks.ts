import type { AppSpec, HooksSpec } from '../types.ts';

/** The moments in the life of an app at which a command can run, in the order in which they come. */
export const HOOK_NAMES = ['pre_start', 'post_start', 'pre_stop', 'post_stop', 'on_failure'] as const;

export type HookName = (typeof HOOK_NAMES)[number];

/** The hooks that an app has. */
export function hookNames(hooks: HooksSpec | null | undefined): readonly HookName[] {
  return HOOK_NAMES.filter((name) => hooks?.[name] !== undefined);
}

/** A hook as it is declared; undefined: the app has none. A spec that an older version stored has no such key. */
export function hookOf(
  spec: Partial<Pick<AppSpec, 'hooks'>>,
  name: HookName,
): NonNullable<HooksSpec[HookName]> | undefined {
  return spec.hooks?.[name];
}
