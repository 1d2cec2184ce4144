import type { PlanDocument } from '../../api/contract/wire/plan.ts';
import type { ValueOrigin } from '../../config/origins/node-origin.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { Change } from '../../plan/model/plan.ts';
import { describeChange } from '../views/plan/change-text.ts';
import { absenceIn, changeNotes } from '../views/plan/plan-human.ts';
import { renderTotal } from '../views/plan/total.ts';
import { planRemarks } from '../views/plan/plan-notes.ts';
import { failureAnnotations, type Annotation } from './annotations.ts';

/** Where a value of an app stands; null: it is not known, or follows from others. */
export type PlaceOf = (app: AppKey, path: readonly string[]) => ValueOrigin | null;

/** A plan as annotations: why it is refused, a notice for every change where it is declared, what else to know, the sum. */
export function planAnnotations(plan: PlanDocument, placeOf: PlaceOf): readonly Annotation[] {
  const changes = plan.changes.filter(({ kind }) => kind !== 'unchanged');
  return [
    ...(plan.guard === null ? [] : failureAnnotations([plan.guard], 'error')),
    ...changes.map((change) => changeAnnotation(change, plan, placeOf)),
    ...planRemarks(plan).map((message): Annotation => ({
      level: 'warning',
      title: 'stateward plan',
      message,
    })),
    { level: 'notice', title: 'stateward plan', message: renderTotal(plan.summary) },
  ];
}

function changeAnnotation(change: Change, plan: PlanDocument, placeOf: PlaceOf): Annotation {
  const { app, kind, fields } = change;
  const { detail, cost, further } = describeChange(change, absenceIn(change.app, plan));
  const origin = fields.reduce<ValueOrigin | null>(
    (found, { path }) => found ?? placeOf(app, path.split('.')),
    null,
  );
  const place = origin ?? placeOf(app, ['name']) ?? placeOf(app, ['script']);
  const lines = [detail, ...further, ...changeNotes(change, plan), cost].filter((line) => line !== '');
  return {
    level: 'notice',
    title: `${app}: ${kind}`,
    message: lines.join('\n'),
    ...(place !== null && { position: positionOf(place) }),
  };
}

function positionOf({ file, line, column }: ValueOrigin): NonNullable<Annotation['position']> {
  return { file, ...(line !== undefined && { line }), ...(column !== undefined && { column }) };
}
