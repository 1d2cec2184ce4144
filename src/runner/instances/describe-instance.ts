import { describeReload } from '../errands/reload-state.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { RunnerInstance, RunnerProblem } from '../protocol/reports.ts';
import { reportOf } from '../tuning/outcome.ts';
import { isLaunching } from './background-rules.ts';
import { processOf, upMs, type Instance } from './instance.ts';
import { remainsProblem } from './remains.ts';

/** The line as it goes over the wire; `alsoWrong`: problems of all that live. */
export function describeInstance(
  instance: Instance,
  clock: Clock,
  alsoWrong: readonly RunnerProblem[] = [],
): RunnerInstance {
  const { nonce, labels, startedAt, adopted, phase, limits, listening, activation } = instance;
  const tuning = instance.tuning === null ? null : reportOf(instance.tuning);
  const exit = phase.state === 'exited' ? phase.exit : null;
  const problems = [...problemsOf(instance), ...(exit === null ? alsoWrong : [])];
  return {
    nonce,
    labels,
    state: phase.state,
    pid: processOf(instance)?.identity.pid ?? null,
    startedAt,
    upMs: exit?.upMs ?? (phase.state === 'starting' ? 0 : upMs(instance, clock)),
    adopted,
    ...(instance.byMark && { byMark: true as const }),
    exit,
    ready: instance.ready,
    connected: instance.channel?.open ?? false,
    ...(limits !== null && { limits: { state: limits.state, message: limits.message } }),
    ...(tuning !== null && { tuning }),
    ...(instance.notify !== null && { notify: instance.notify.said }),
    ...(listening !== null && { listening }),
    ...(activation !== null && exit === null && { sockets: activation.addresses }),
    ...(hasLostSockets(instance) && { socketsLost: true }),
    ...(isLaunching(instance) && { launching: true as const }),
    ...(phase.state === 'stopping' &&
      phase.leftBehind !== null && { leftBehind: phase.leftBehind.map(({ pid }) => pid) }),
    ...describeReload(instance.reload, clock),
    ...(problems.length > 0 && { problems }),
  };
}

function hasLostSockets({ handover, listening, activation, phase }: Instance): boolean {
  if (phase.state !== 'exited' && activation?.lost === true) return true;
  return handover === 'missing' && listening !== null && listening.length > 0;
}

function problemsOf({ problems, output, remains }: Instance): readonly RunnerProblem[] {
  const own = [...problems].map(([code, message]) => ({ code, message }));
  const left = remainsProblem(remains);
  return [...(output?.problems() ?? []), ...own, ...(left === null ? [] : [left])];
}
