import { useEffect, useState } from 'preact/hooks';
import type { PlanDocument } from '../../api/contract/wire/plan.ts';
import type { Failure } from '../../lib/failure.ts';
import { count } from '../../cli/views/text/quantities.ts';
import { whyReadOnly } from '../link/session.ts';
import type { Planned } from '../link/plans.ts';
import { Act, told, WhyOff } from '../parts/act.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Failed, Loading } from '../parts/said.tsx';
import { PlanView } from './plan-view.tsx';

interface PlanningProps {
  readonly title: string;
  readonly planned: Planned;
  /** What the button says: `Apply`, `Roll back`. */
  readonly act: string;
  readonly onClose: () => void;
}

/** A plan, and the button that applies what is shown and nothing else. */
export function Planning({ title, planned, act, onClose }: PlanningProps) {
  const [plan, setPlan] = useState<PlanDocument | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const make = async (): Promise<void> => {
    setPlan(null);
    setFailure(null);
    const answer = await planned.plan();
    if (answer.ok) setPlan(answer.value);
    else setFailure(answer.error);
  };
  useEffect(() => void make(), [title]);
  const apply = async (shown: PlanDocument) => {
    const answer = await planned.apply(shown);
    if (!answer.ok) {
      setFailure(answer.error);
      return { ok: true as const, value: null };
    }
    told.value = { text: `${act} was accepted: ${touches(shown)}.` };
    onClose();
    return answer;
  };
  return (
    <Dialog title={title} onClose={onClose}>
      {failure !== null && (
        <Failed failure={failure}>
          <button type="button" onClick={() => void make()}>
            Plan again
          </button>
        </Failed>
      )}
      {plan === null && failure === null && <Loading rows={3} />}
      {plan !== null && <PlanView plan={plan} />}
      {plan?.guard != null && <Failed failure={plan.guard} />}
      <footer>
        <WhyOff />
        {plan !== null && failure === null && (
          <Act tone="primary" onAct={() => apply(plan)} off={whyNot(plan)}>
            {act}: {touches(plan)}
          </Act>
        )}
        <button type="button" onClick={onClose}>
          {whyReadOnly() === null ? 'Cancel' : 'Close'}
        </button>
      </footer>
    </Dialog>
  );
}

function touches({ summary }: PlanDocument): string {
  const all = summary.processesTouched + summary.processesUntouched;
  return summary.processesTouched === 0
    ? 'touches no process'
    : `touches ${summary.processesTouched} of ${count(all, 'process', 'processes')}`;
}

function whyNot({ guard, changes }: PlanDocument): string | null {
  if (guard !== null) return guard.message;
  return changes.every(({ kind }) => kind === 'unchanged') ? 'there is nothing to change' : null;
}
