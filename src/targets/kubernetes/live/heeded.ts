import type { Failure } from '../../../lib/failure.ts';
import type { KubernetesObject } from '../objects.ts';
import { isFields } from './fields.ts';
import { objectKey, type LiveObject } from './live-object.ts';

/** The first release, 1.28, in which a pod of a StatefulSet has its number in a label, where `instance_var` is read. */
const NUMBERED_PODS = 28;
const HINT = 'leave it out of the file, or use a newer release of Kubernetes';

/** Why a release would take an object and not do what it says; null: it does. `minor`: 28 is 1.28; null: not known. */
export function tooOldFor(object: KubernetesObject, minor: number | null): Failure | null {
  if (object.kind !== 'StatefulSet' || minor === null || minor >= NUMBERED_PODS) return null;
  return {
    code: 'TARGET_REFUSED',
    message: `${objectKey(object)}: no pod knows its number there: that came with Kubernetes 1.${NUMBERED_PODS}, and this is 1.${minor}`,
    hint: 'leave out instance_var, or use a newer release of Kubernetes',
  };
}

/**
 * Fields that a server has left out of what it would keep: it has them, and does not do them yet, or something there takes
 * them away. An apply goes well all the same, and the next plan shows no difference. null: it keeps everything.
 */
export function unheeded(sent: KubernetesObject, kept: LiveObject): Failure | null {
  const places = lost(sent.spec, kept['spec'], 'spec');
  const [first] = places;
  if (first === undefined) return null;
  return {
    code: 'TARGET_REFUSED',
    message: `${objectKey(sent)}: the cluster takes no notice of ${first}`,
    ...(places.length > 1 && { details: places.slice(1) }),
    hint: HINT,
  };
}

/** The same for what a server does not know at all, as it says so; null: it is about something else. */
export function unknownField(subject: string, said: string): Failure | null {
  const [, field] = /\.(\S+): field not declared in schema/.exec(said) ?? [];
  if (field === undefined) return null;
  return { code: 'TARGET_REFUSED', message: `${subject}: the cluster knows no field ${field}`, hint: HINT };
}

/** Places of values that are in the one and nowhere in the other. What is empty, the API leaves out. */
function lost(sent: unknown, kept: unknown, place: string): readonly string[] {
  if (isEmpty(sent)) return [];
  if (kept === undefined || kept === null) return [place];
  if (Array.isArray(sent) && Array.isArray(kept)) {
    return sent.flatMap((item: unknown, index) =>
      lost(item, counterpart(item, index, kept), `${place}[${index}]`),
    );
  }
  if (!isFields(sent) || !isFields(kept)) return [];
  return Object.entries(sent).flatMap(([key, value]) => lost(value, kept[key], `${place}.${key}`));
}

/** The element of the same name, or at the same place where they have none. */
function counterpart(item: unknown, index: number, kept: readonly unknown[]): unknown {
  if (!isFields(item) || item['name'] === undefined) return kept[index];
  return kept.find((other) => isFields(other) && other['name'] === item['name']);
}

function isEmpty(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === null || value === 0 || value === '' || value === false;
}
