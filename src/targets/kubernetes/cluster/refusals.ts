import type { Failure } from '../../../lib/failure.ts';
import { listAt, numberAt, textAt } from '../live/fields.ts';
import { unknownField } from '../live/heeded.ts';

/** Where a cluster is, for messages and for commands to try. */
export interface ClusterPlace {
  readonly context: string;
  readonly namespace: string;
  /** Absolute path; null: kubectl finds it. */
  readonly kubeconfig: string | null;
}

/** `kubectl --context lab`, as somebody would type it. */
export function kubectlCommand({ context, kubeconfig }: ClusterPlace): string {
  return `kubectl${kubeconfig === null ? '' : ` --kubeconfig ${kubeconfig}`} --context ${context}`;
}

/** An answer that is none of those that were asked for, as a failure. `subject`: what was asked of: `Deployment/api`. */
export function refusal(
  { status, body }: { readonly status: number; readonly body: string },
  subject: string,
  place: ClusterPlace,
): Failure {
  const answer = parsed(body);
  const kubectl = kubectlCommand(place);
  const message = textAt(answer, 'message') ?? body.trim();
  if (textAt(answer, 'kind') !== 'Status') return unreachable(message, place);
  const conflicts = conflictsOf(answer);
  if (conflicts.length > 0) {
    return {
      code: 'TARGET_CONFLICT',
      message: `${subject}: ${conflicts[0] ?? ''}`,
      ...(conflicts.length > 1 && { details: conflicts.slice(1) }),
      hint: 'leave the field to who has set it (take it out of the file), or take it over with --force-conflicts',
    };
  }
  const unknown = unknownField(subject, message);
  if (unknown !== null) return unknown;
  switch (status) {
    case 401:
      return {
        code: 'PERMISSION',
        message: `the cluster of context ${place.context} does not take these credentials: ${message}`,
        hint: `log in again; ${kubectl} get pods fails in the same way until then`,
      };
    case 403:
      return {
        code: 'PERMISSION',
        message: `${subject}: ${message}`,
        hint: `${kubectl} auth can-i --list -n ${place.namespace} shows what is allowed`,
      };
    case 404:
      return textAt(answer, 'details', 'kind') === 'namespaces'
        ? {
            code: 'NOT_FOUND',
            message: `the namespace ${place.namespace} is not there`,
            hint: `${kubectl} create namespace ${place.namespace}`,
          }
        : { code: 'TARGET_REFUSED', message: `${subject}: ${message}` };
    case 429:
    case 503:
    case 504:
      return unreachable(message, place);
    default:
      return { code: 'TARGET_REFUSED', message: `${subject}: ${message}` };
  }
}

/** Nobody answers, or somebody in between says that nobody does. */
export function unreachable(why: string, place: ClusterPlace): Failure {
  return {
    code: 'TARGET_UNREACHABLE',
    message: `the cluster of context ${place.context} cannot be reached: ${why}`,
    hint: `${kubectlCommand(place)} get pods -n ${place.namespace} has to work first`,
  };
}

/** `spec.replicas is set by kubectl`: fields that others have set, each with who. */
function conflictsOf(answer: unknown): readonly string[] {
  return listAt(answer, 'details', 'causes')
    .filter((cause) => cause['reason'] === 'FieldManagerConflict')
    .map((cause) => {
      const field = (textAt(cause, 'field') ?? '').replace(/^\./, '');
      const [, manager] = /conflict with "([^"]*)"/.exec(textAt(cause, 'message') ?? '') ?? [];
      return `${field} is set by ${manager ?? 'somebody else'}`;
    });
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Whether the server said that there is no such object. */
export function isAbsent(status: number, body: string): boolean {
  const answer = parsed(body);
  return (
    status === 404 && numberAt(answer, 'code') === 404 && textAt(answer, 'details', 'kind') !== 'namespaces'
  );
}

/** Whether the server said that there is no log: its container has not begun, or had none before, or the pod is gone. */
export function hasNoLog({ status, body }: { readonly status: number; readonly body: string }): boolean {
  if (isAbsent(status, body)) return true;
  const message = textAt(parsed(body), 'message') ?? '';
  return status === 400 && /is waiting to start|previous terminated container .* not found/.test(message);
}
