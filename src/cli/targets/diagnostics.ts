import type { LoadedDocument } from '../../config/load-document.ts';
import { appFailure } from '../../config/shape/declared-app.ts';
import { groupBy } from '../../lib/collections.ts';
import type { Failure } from '../../lib/failure.ts';
import type { Diagnostic } from '../../targets/model/rendered.ts';

/** What a target cannot take over, each with its place in the file. Said of several apps, it is said once. In the order of the file. */
export function diagnosticFailures(
  diagnostics: readonly Diagnostic[],
  documents: readonly LoadedDocument[],
): readonly Failure[] {
  const alike = groupBy(diagnostics, ({ severity, field, message }) =>
    JSON.stringify([severity, field, message]),
  );
  return [...alike.values()]
    .flatMap(([first, ...more]): readonly Failure[] =>
      first === undefined ? [] : [failureOf(first, more, documents)],
    )
    .toSorted((a, b) => (a.position?.line ?? 0) - (b.position?.line ?? 0));
}

function failureOf(
  { project, app, field, message, hint }: Diagnostic,
  others: readonly Diagnostic[],
  documents: readonly LoadedDocument[],
): Failure {
  const also = [...new Set(others.map((other) => other.app))];
  const what = {
    code: 'TARGET_DIFFERS' as const,
    message,
    ...(hint !== undefined && { hint }),
    ...(also.length > 0 && { details: [`also ${also.join(', ')}`] }),
  };
  const loaded = documents
    .filter((document) => document.project === project)
    .flatMap((document) => document.loaded.apps)
    .find(({ spec }) => spec.name === app);
  if (loaded === undefined) return { ...what, message: `${field}: ${message}` };
  return appFailure(loaded.declared, { path: field.split('.') }, what);
}
