import { TARGET_NAMES } from '../../api/contract/target-names.ts';
import type { CommandEntry, CommandTable } from '../command-entry.ts';
import { ownWords } from '../fast/exec-line.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';

/** Verbs that a target has, by the ids of those of the host that they stand for. */
const VERBS = {
  plan: { aliases: [], changesNothing: true, load: () => import('./verbs/plan.ts') },
  diff: { aliases: [], changesNothing: true, load: () => import('./verbs/diff.ts') },
  apply: { aliases: [], changesNothing: false, load: () => import('./verbs/apply.ts') },
  get: { aliases: [], changesNothing: true, load: () => import('./verbs/get.ts') },
  logs: { aliases: [], changesNothing: true, load: () => import('./verbs/logs.ts') },
  'rollout:status': { aliases: [], changesNothing: true, load: () => import('./verbs/rollout-status.ts') },
  rollback: { aliases: [], changesNothing: false, load: () => import('./verbs/rollback.ts') },
  delete: { aliases: [], changesNothing: false, load: () => import('./verbs/delete.ts') },
} satisfies CommandTable;

/** What a line says of its target. */
export interface Chosen {
  /** The arguments of the command: without it for those of the host, which know no target. */
  readonly argv: readonly string[];
  /** The command that answers; null: that of the host. */
  readonly entry: CommandEntry | null;
}

/** Finds the command that `--target NAME` means of the verb `id`. Fails for a verb that is about this host alone. */
export function chooseTarget(id: string, argv: readonly string[]): Result<Chosen, Failure> {
  const { name, rest } = targetNamed(argv);
  if (name === null) return ok({ argv, entry: null });
  if (!TARGET_NAMES.some((one) => one === name)) {
    const hint = `one of ${TARGET_NAMES.join(', ')}`;
    return err({ code: 'USAGE', message: `--target ${JSON.stringify(name)}: there is no such target`, hint });
  }
  if (name === 'host') return ok({ argv: rest, entry: null });
  const verbs: Readonly<Partial<Record<string, CommandEntry>>> = VERBS;
  const entry = Object.hasOwn(VERBS, id) ? verbs[id] : undefined;
  if (entry === undefined) {
    const all = Object.keys(VERBS).map((verb) => verb.replace(':', ' '));
    return err({
      code: 'USAGE',
      message: `${id.replace(':', ' ')} is about this host, and takes no --target`,
      hint: `these do: ${all.join(', ')}`,
    });
  }
  return ok({ argv, entry });
}

function targetNamed(argv: readonly string[]): {
  readonly name: string | null;
  readonly rest: readonly string[];
} {
  const words = ownWords(argv);
  const end = words.indexOf('--');
  const own = end === -1 ? words.length : end;
  const at = words.findIndex((word, index) => index < own && /^--target(?:=|$)/.test(word));
  if (at === -1) return { name: null, rest: argv };
  const word = argv[at] ?? '';
  const isJoined = word.includes('=');
  const name = isJoined ? word.slice(word.indexOf('=') + 1) : (argv[at + 1] ?? '');
  return { name, rest: [...argv.slice(0, at), ...argv.slice(at + (isJoined ? 1 : 2))] };
}
