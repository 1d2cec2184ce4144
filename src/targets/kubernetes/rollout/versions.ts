import type { AppKey } from '../../../lib/app-key.ts';
import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { sameValue } from '../../../lib/values/same-value.ts';
import { fieldsAt, numberAt, textAt, type Fields } from '../live/fields.ts';
import type { LiveObject } from '../live/live-object.ts';
import { historyTemplate } from '../live/project-objects.ts';
import { isOwnedBy, revisionOf } from './progress.ts';

/** A version of an app that its cluster has kept. */
export interface KeptVersion {
  readonly revision: number;
  readonly template: Fields;
  /** Its rollout failed, and was taken back. */
  readonly hasFailed: boolean;
}

/** What a version is marked with whose rollout has failed: the number that it had then, since one may come again. */
export const FAILED_REVISION = 'stateward.dev/failed-revision';

/** The versions of a workload that are kept, newest first; the present one is among them. Pure. */
export function keptVersions(workload: LiveObject, histories: readonly LiveObject[]): readonly KeptVersion[] {
  return histories
    .filter((one) => isOwnedBy(one, workload))
    .map((one) => ({
      revision: numberOf(one),
      template: templateWithoutHash(historyTemplate(one)),
      hasFailed: textAt(one, 'metadata', 'annotations', FAILED_REVISION) === String(numberOf(one)),
    }))
    .filter(({ revision }) => revision > 0)
    .toSorted((a, b) => b.revision - a.revision);
}

/** The version to go back to: the one that is named, or the newest that is not as the present one and has not failed. */
export function versionBefore(
  app: AppKey,
  workload: LiveObject,
  versions: readonly KeptVersion[],
  to: number | null,
): Result<KeptVersion, Failure> {
  const numbers = versions.map(({ revision }) => revision).join(', ');
  const present = templateWithoutHash(fieldsAt(workload, 'spec', 'template'));
  const found =
    to === null
      ? versions.find(({ template, hasFailed }) => !hasFailed && !sameTemplate(template, present))
      : versions.find(({ revision }) => revision === to);
  if (found !== undefined) return ok(found);
  return err({
    code: 'NOT_FOUND',
    message:
      to === null
        ? `${app} has no version before the present one there`
        : `${app} has no revision ${to} there`,
    hint: numbers === '' ? 'only versions that pods were made from are kept' : `there are ${numbers}`,
  });
}

/** The number that a ReplicaSet or a ControllerRevision has among those of its workload. */
export function numberOf(history: LiveObject): number {
  return history.kind === 'ControllerRevision' ? numberAt(history, 'revision') : Number(revisionOf(history));
}

/** The controller adds a label of its own to what it makes pods from. */
function templateWithoutHash(template: unknown): Fields {
  const whole = fieldsAt(template);
  const { 'pod-template-hash': _, ...labels } = fieldsAt(whole, 'metadata', 'labels');
  const { $patch: _patch, ...own } = whole;
  return { ...own, metadata: { ...fieldsAt(whole, 'metadata'), labels } };
}

/** Times of making that are null in one and missing in the other are the same. */
function sameTemplate(one: Fields, other: Fields): boolean {
  const plain = (template: Fields): unknown => {
    const { creationTimestamp: _, ...metadata } = fieldsAt(template, 'metadata');
    return { ...template, metadata };
  };
  return sameValue(plain(one), plain(other));
}
