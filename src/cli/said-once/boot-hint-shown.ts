import { wasShown } from './shown-before.ts';

/** A line each: the homes. */
export const BOOT_HINT_MEMORY = 'boot-hint-shown';

/** Whether somebody may have to be told that a reboot would end the apps of a home: a person who was not told yet. */
export function mayHintAtBoot({
  home,
  env,
  isTerminal,
}: {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTerminal: boolean;
}): boolean {
  return isTerminal && (env['CI'] ?? '') === '' && !wasShown(BOOT_HINT_MEMORY, home, env);
}
