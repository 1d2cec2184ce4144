import type { Allowable } from '../../plan/guards/allowable.ts';
import { untilText } from '../../plan/model/override-end.ts';
import type { Failure } from '../../lib/failure.ts';

/** For a while, nothing of a project is to be changed. */
export interface Freeze {
  /** null: every project of the home. */
  readonly project: string | null;
  readonly by: string;
  /** Empty: none was given. */
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Epoch milliseconds at which it ends by itself; null: when somebody lifts it. */
  readonly until: number | null;
  readonly allow: readonly Allowable[];
}

/** Whether a freeze still holds. */
export function holds({ until }: Freeze, now: number): boolean {
  return until === null || now < until;
}

/** `shop is frozen until 2026-12-01T08:00:00.000Z by ada@web-1 (release week)`. */
export function freezeText({ project, by, reason, until }: Freeze): string {
  const what = project ?? 'everything';
  return `${what} is frozen${untilText(until)} by ${by}${reason === '' ? '' : ` (${reason})`}`;
}

/** The command that lifts it. */
export function unfreezeCommand({ project }: Freeze): string {
  return `stateward unfreeze ${project ?? '--all'}`;
}

/** Why something may not be done to these projects now; null: it may. Pure. */
export function frozenFailure(
  asked: { readonly verb: Allowable; readonly projects: readonly string[] },
  freezes: readonly Freeze[],
  now: number,
): Failure | null {
  const { verb, projects } = asked;
  const against = freezes.find(
    (freeze) =>
      holds(freeze, now) &&
      !freeze.allow.includes(verb) &&
      (freeze.project === null || projects.includes(freeze.project)),
  );
  if (against === undefined) return null;
  const allowed = against.allow.length === 0 ? '' : `; allowed meanwhile: ${against.allow.join(', ')}`;
  return {
    code: 'FROZEN',
    message: `cannot ${words(verb)}: ${freezeText(against)}`,
    hint: `${unfreezeCommand(against)} lifts it${allowed}`,
  };
}

function words(verb: Allowable): string {
  switch (verb) {
    case 'rollback':
      return 'roll back';
    case 'rollout':
      return 'pause or resume a rollout';
    case 'source':
      return 'sync from a source';
    case 'daemon-stop':
      return 'stop the daemon with its apps';
    case 'signal':
    case 'send':
    case 'trigger':
      return `${verb} anything`;
    case 'exec':
      return 'run a command there';
    case 'reset':
      return 'reset counters';
    case 'flush':
      return 'empty logs';
    default:
      return verb;
  }
}
