/** How the commands of `verbs.ts` are called, with their aliases. */
const VERB_NAMES: Readonly<Record<string, string>> = {
  stop: 'stop',
  start: 'start',
  restart: 'restart',
  reload: 'reload',
  gracefulReload: 'reload',
  delete: 'delete',
  del: 'delete',
  rm: 'delete',
  scale: 'scale',
};

/** The verb that a line begins with; null: it is none that can be plain. */
export function verbNamed([first = '', ...rest]: readonly string[]): string | null {
  // What follows `--` is for somebody else, or looks like what it is not.
  return Object.hasOwn(VERB_NAMES, first) && !rest.includes('--') ? (VERB_NAMES[first] ?? null) : null;
}
