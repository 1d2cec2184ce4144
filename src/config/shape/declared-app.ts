import type { Failure } from '../../lib/failure.ts';
import type { App } from '../../spec/generated/ecosystem.ts';
import type { KeyClash } from './canonical-keys.ts';
import { failureAt, locate, type SourceDocument, type SourcePath } from '../read/source.ts';

/** One app of a file, as far as it is valid by the schema, with the way back to its place in the file. */
export interface DeclaredApp extends AppPlace {
  /** Settings that it has under two names. */
  readonly clashes: readonly KeyClash[];
  /** Without the fields that are wrong; `script` is empty then when it is one of them. */
  readonly app: App;
}

export interface AppPlace {
  readonly document: SourceDocument;
  /** From the root of the file. */
  readonly path: SourcePath;
  /** Canonical key -> the key as it is written, where that differs. */
  readonly keys: ReadonlyMap<string, string>;
  /** A key whose fields stand beside it in the file: those of `serve`, in PM2's `static`. */
  readonly flat?: 'serve';
  /** Its name where it is known, for messages. */
  readonly name: string | null;
}

/** The path of a field as it is written in the file; `inner` has canonical keys. */
export function writtenPath(place: AppPlace, inner: SourcePath): SourcePath {
  const [first, ...rest] = inner;
  if (first === undefined) return place.path;
  if (first === place.flat) return [...place.path, ...rest];
  return [...place.path, place.keys.get(String(first)) ?? first, ...rest];
}

/** A failure about a field of an app. The message gets the path of the field and the name of the app. */
export function appFailure(
  place: AppPlace,
  at: { readonly path: SourcePath; readonly target?: 'key' | 'value' },
  what: Pick<Failure, 'code' | 'message' | 'hint' | 'details'>,
): Failure {
  const path = writtenPath(place, at.path);
  const span = locate(place.document.root, path, at.target ?? 'value');
  // In what several layers give, the index of an app is that of no file.
  const label = pathText(
    place.document.isLayered && place.name !== null ? path.slice(place.path.length) : path,
  );
  const named = place.name === null ? '' : ` (app ${JSON.stringify(place.name)})`;
  const message = label === '' ? `${what.message}${named}` : `${label}${named}: ${what.message}`;
  return failureAt(place.document, span, { ...what, message });
}

/** `apps[1].env.PORT` */
export function pathText(path: SourcePath): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      const text = /^[\w$-]+$/.test(step) ? step : JSON.stringify(step);
      return index === 0 ? text : `.${text}`;
    })
    .join('');
}
