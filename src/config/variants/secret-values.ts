import { isSecretName } from '../../spec/secrets/secret-names.ts';
import type { MapNode, SourceNode } from '../read/source.ts';
import { canonical, isNull, isVariables } from './patch.ts';

/**
 * What an app or a file has from variables that are secrets is one too, under whatever name: names of its variables and
 * labels that do not tell by themselves are added to `secrets`.
 */
export function withSecretNames(map: MapNode): MapNode {
  const names = [...map.entries].flatMap(([key, { value }]) =>
    isVariables(canonical(key)) || key === 'labels' ? namesIn(value) : [],
  );
  if (names.length === 0) return map;
  const own = map.entries.get('secrets');
  const listed = own?.value.kind === 'list' ? own.value : null;
  // A list that is none is reported with the app.
  if (own !== undefined && listed === null && !isNull(own.value)) return map;
  const span = own?.key ?? names[0]?.span ?? null;
  const empty = { kind: 'list', items: [], span } as const;
  const value: SourceNode = { ...(listed ?? empty), items: [...(listed?.items ?? []), ...names] };
  return { ...map, entries: new Map([...map.entries, ['secrets', { key: span, value }]]) };
}

function namesIn(variables: SourceNode): readonly SourceNode[] {
  if (variables.kind !== 'map') return [];
  return [...variables.entries]
    .filter(([name, { value }]) => value.kind === 'scalar' && value.isSecret === true && !isSecretName(name))
    .map(([name, { key }]) => ({ kind: 'scalar', value: name, span: key }));
}
