import type { Failure } from '../../lib/failure.ts';
import { didYouMean } from '../../lib/nearest.ts';
import { expandVariables } from '../../spec/variables.ts';
import { failureAt, type MapNode, type Place, type SourceNode } from '../read/source.ts';
import { textOf } from './app-nodes.ts';
import { layerOf } from './layer.ts';
import type { Assembly, Scope } from './scope.ts';

/** What `extends` says. */
export interface Wanted {
  readonly app: string;
  readonly file: string | null;
  readonly place: Place;
  readonly filePlace: Place;
}

/** Reads `extends` of an app that has it; null: it says nothing that could be meant, which has been reported. */
export function wantedBase(
  app: MapNode,
  { document }: Scope,
  { failures, environment }: Assembly,
): Wanted | null {
  const entry = app.entries.get('extends');
  if (entry === undefined) return null;
  const { value } = entry;
  const read = (node: SourceNode | undefined): string | null => {
    const text = textOf(node);
    const expands = node !== undefined && (layerOf(node)?.expands ?? document.expands);
    return text === null || !expands ? text : expandVariables(text, environment).text;
  };
  const name = read(value.kind === 'map' ? value.entries.get('app')?.value : value);
  const file = value.kind === 'map' ? value.entries.get('file') : undefined;
  const unknown =
    value.kind === 'map' ? [...value.entries].find(([key]) => key !== 'app' && key !== 'file') : undefined;
  const refuse = (place: Place, message: string, hint: string, code: Failure['code']): null => {
    failures.push(failureAt(document, place, { code, message: `extends: ${message}`, hint }));
    return null;
  };
  const form = 'write the name of an app or template, or {file: ./base.yaml, app: NAME}';
  if (unknown !== undefined) {
    const hint = didYouMean(unknown[0], ['app', 'file']) ?? form;
    return refuse(unknown[1].key, `${unknown[0]} is an unknown key`, hint, 'CONFIG_UNKNOWN_KEY');
  }
  if (name === null || name === '') {
    const isMap = value.kind === 'map';
    const message = isMap ? 'app is missing: which app of the file is meant' : 'this names no app';
    return refuse(value.span ?? entry.key, message, form, isMap ? 'CONFIG_MISSING_KEY' : 'CONFIG_WRONG_TYPE');
  }
  const path = file === undefined ? null : read(file.value);
  if (file !== undefined && (path === null || path === '')) {
    return refuse(file.value.span, 'file names no file', form, 'CONFIG_WRONG_TYPE');
  }
  const place = (value.kind === 'map' ? value.entries.get('app')?.value.span : value.span) ?? entry.key;
  return { app: name, file: path, place, filePlace: file?.value.span ?? place };
}
