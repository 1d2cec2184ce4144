import type { Failure } from '../../lib/failure.ts';
import { failureAt, locate, placeText, type SourceDocument, type SourcePath } from '../read/source.ts';
import { pathText } from '../shape/declared-app.ts';
import type { SourceSpec } from '../../sources/model/source.ts';

/** One source, and where it stands. */
export interface FoundSource {
  readonly spec: SourceSpec;
  readonly document: SourceDocument;
  readonly path: SourcePath;
}

/** Sources of one name: each but the first is an error that names the place of the first. */
export function findDuplicates(found: readonly FoundSource[]): readonly Failure[] {
  const first = new Map<string, FoundSource>();
  return found.flatMap((source) => {
    const { spec, document, path } = source;
    const other = first.get(spec.name);
    if (other === undefined) {
      first.set(spec.name, source);
      return [];
    }
    const where = placeText(other.document, locate(other.document.root, [...other.path, 'name'], 'value'));
    const message = `${pathText([...path, 'name'])}: there are two sources named ${spec.name}`;
    const at = locate(document.root, [...path, 'name'], 'value');
    return [
      failureAt(document, at, {
        code: 'CONFIG_BAD_VALUE',
        message,
        details: [`the other one is at ${where}`],
      }),
    ];
  });
}
