import type { DesiredApp } from '../../plan/model/desired.ts';
import { completionsOf } from '../../spec/dependencies.ts';
import { hookOf } from '../../spec/hooks/hooks.ts';
import type { Fact } from '../../state/model/types.ts';
import { restartedWith } from '../apply/code-facts.ts';
import { tablesByApp } from '../apply/host-snapshot.ts';
import type { ControllerContext } from '../context/context.ts';
import type { TargetEffect } from './verb-effects.ts';

type Context = Pick<ControllerContext, 'store' | 'observer' | 'code' | 'clock' | 'driver'>;

/**
 * The effects of a verb, and that the processes which it asks for are of newer code, where something is to be done before
 * the first of them: their pre_start hook, or a job that runs with every release.
 */
export async function withNewCode(
  effects: readonly TargetEffect[],
  context: Context,
): Promise<readonly TargetEffect[]> {
  const { store, observer, code, clock, driver } = context;
  const concerned = effects.filter(
    ({ target: { app }, effect }) => effect.facts.some(startsProcesses) && hasBeginning(app, store),
  );
  if (concerned.length === 0 || !driver.reachable) return effects;
  const onDisk = await code.read(
    concerned.map(({ target: { app } }) => ({
      key: app.key,
      spec: app.spec,
      files: (store.project(app.project)?.source.files ?? []).filter((file) => file !== '-'),
    })),
  );
  const tableOf = tablesByApp(observer.instances(), store.histories());
  const at = clock.now();
  const factsOf = ({ key }: DesiredApp): readonly Fact[] => {
    const [app, found] = [store.desiredApp(key), onDisk.identities.get(key)];
    if (app === undefined || found === undefined) return [];
    return restartedWith(app, { table: tableOf(key), onDisk: found, code: onDisk, at });
  };
  return effects.map((one) => {
    if (!concerned.includes(one)) return one;
    const { target, effect } = one;
    const facts = factsOf(target.app);
    return facts.length === 0 ? one : { target, effect: { ...effect, facts: among(effect.facts, facts) } };
  });
}

/** After what asks for the processes, before what has them started: the hook is due by then. */
function among(facts: readonly Fact[], more: readonly Fact[]): readonly Fact[] {
  const isOverride = ({ kind }: Fact): boolean => kind === 'override-set';
  return [...facts.filter((fact) => !isOverride(fact)), ...more, ...facts.filter(isOverride)];
}

function startsProcesses({ kind }: Fact): boolean {
  return kind === 'restart-requested' || kind === 'begun-afresh';
}

function hasBeginning(app: DesiredApp, store: Pick<ControllerContext['store'], 'project'>): boolean {
  if (hookOf(app.spec, 'pre_start') !== undefined) return true;
  const apps = store.project(app.project)?.apps ?? {};
  return completionsOf(app.spec).some((name) => apps[name]?.spec.run === 'every_release');
}
