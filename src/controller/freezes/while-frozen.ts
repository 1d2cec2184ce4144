import {
  everyCall,
  type ApiBackend,
  type ApiCalls,
  type CallName,
  type Requests,
} from '../../api/contract/endpoints/backend.ts';
import { resolveSelectors } from '../../api/contract/selectors.ts';
import type { ApplyRequest } from '../../api/contract/wire/apply.ts';
import type { VerbRequest } from '../../api/contract/wire/verbs.ts';
import { splitAppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok } from '../../lib/result.ts';
import { ALLOWABLE, type Allowable } from '../../plan/guards/allowable.ts';
import type { FreezeBook } from '../../state/freezes/freeze-book.ts';
import type { Store } from '../../state/store.ts';
import { catalogue } from '../views/catalogue.ts';

/** What a request would do, and to which projects. */
interface Asked {
  readonly verb: Allowable;
  readonly projects: readonly string[];
}

type Reader<Q> = (request: Q, store: Store) => Asked | null;

/** Of the requests that change something: what they ask; null: this one changes nothing. */
const GUARDED: { readonly [K in CallName]?: Reader<Requests[K]> } = {
  apply: (request) => ({ verb: verbOf(request), projects: projectsOf(request) }),
  // Whoever is told the reason sends the request as a whole, and a plan shows it.
  planUnchanged: (request) => ({ verb: verbOf(request), projects: projectsOf(request) }),
  applyUnchanged: (request) => ({ verb: verbOf(request), projects: projectsOf(request) }),
  applyDeclared: ({ project }) => ({ verb: 'apply', projects: [project] }),
  rollBack: ({ project }) => ({ verb: 'rollback', projects: [project] }),
  verb: (request, store) => ({ verb: operatorVerb(request), projects: selected(request.selectors, store) }),
  signal: ({ selectors }, store) => ({ verb: 'signal', projects: selected(selectors, store) }),
  message: ({ selectors }, store) => ({ verb: 'send', projects: selected(selectors, store) }),
  runAction: ({ selectors }, store) => ({ verb: 'trigger', projects: selected(selectors, store) }),
  launch: ({ selectors }, store) => ({ verb: 'exec', projects: selected(selectors, store) }),
  reset: ({ selectors }, store) => ({ verb: 'reset', projects: selected(selectors, store) }),
  flushLogs: ({ selectors }, store) => ({ verb: 'flush', projects: selected(selectors, store) }),
  // Where nobody is named, it is a foreground run that ends.
  stopDaemon: ({ all, by }, store) =>
    all && by !== undefined
      ? { verb: 'daemon-stop', projects: store.projects().map(({ project }) => project) }
      : null,
};

/** The backend, where projects may be frozen: requests that would change them get the reason as their answer. */
export function whileFrozen(
  backend: ApiBackend,
  { freezes, store }: { readonly freezes: FreezeBook; readonly store: Store },
): ApiBackend {
  const calls: ApiCalls = backend;
  const guarded = everyCall((name) => {
    const read = GUARDED[name];
    return (request, wanted) => {
      const asked = read?.(request, store) ?? null;
      const refusal = (): Failure | null =>
        asked === null ? null : freezes.refusal(asked.verb, asked.projects);
      const failure = refusal();
      if (failure !== null) return Promise.resolve(err(failure));
      // Others may be before it in the queue, and somebody may freeze the project meanwhile.
      return calls[name](request, async () => refusal() ?? (await wanted?.()) ?? null);
    };
  });
  return {
    ...backend,
    ...guarded,
    // The preview says what an apply would be told.
    async plan(request, wanted) {
      const planned = await calls.plan(request, wanted);
      if (!planned.ok || planned.value.guard !== null) return planned;
      return ok({ ...planned.value, guard: freezes.refusal(verbOf(request), projectsOf(request)) });
    },
  };
}

function projectsOf({
  projects,
}: {
  readonly projects: readonly { readonly project: string }[];
}): readonly string[] {
  return projects.map(({ project }) => project);
}

/** What kind of command sends a declaration: the first word of it, as people typed it. */
function verbOf({ command }: Pick<ApplyRequest, 'command'>): Allowable {
  const [word = ''] = command.split(' ');
  return ALLOWABLE.find((verb) => verb === word) ?? 'apply';
}

function operatorVerb({ verb }: VerbRequest): Allowable {
  return verb === 'rollout-pause' || verb === 'rollout-resume' ? 'rollout' : verb;
}

/** Selectors that mean nothing are the business of whoever answers the request. */
function selected(selectors: readonly string[], store: Store): readonly string[] {
  const targets = resolveSelectors(selectors, catalogue(store));
  return targets.ok ? targets.value.map(({ key }) => splitAppKey(key).project) : [];
}
