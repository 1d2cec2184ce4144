import type { Failure } from '../../lib/failure.ts';
import { failureAt, locate, placeText, type SourceDocument, type SourcePath } from '../read/source.ts';
import { pathText } from '../shape/declared-app.ts';

/** One item of a list, and where it stands. */
export interface FoundItem<Spec> {
  readonly spec: Spec;
  readonly document: SourceDocument;
  readonly path: SourcePath;
}

/** Items of one name: each but the first is an error that names the place of the first. `noun`: what they are, `sources`. */
export function findDuplicates(
  found: readonly FoundItem<{ readonly name: string }>[],
  noun: string,
): readonly Failure[] {
  const first = new Map<string, FoundItem<{ readonly name: string }>>();
  return found.flatMap((item) => {
    const { spec, document, path } = item;
    const other = first.get(spec.name);
    if (other === undefined) {
      first.set(spec.name, item);
      return [];
    }
    const where = placeText(other.document, locate(other.document.root, [...other.path, 'name'], 'value'));
    const message = `${pathText([...path, 'name'])}: there are two ${noun} named ${spec.name}`;
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
