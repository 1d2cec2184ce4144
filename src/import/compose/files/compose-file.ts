import { readYaml } from '../../../config/read/read-yaml.ts';
import {
  failureAt,
  sourceFile,
  type SourceFile,
  type SourceNode,
  type Place,
} from '../../../config/read/source.ts';
import type { Failure } from '../../../lib/failure.ts';
import type { Result } from '../../../lib/result.ts';
import { err, ok } from '../../../lib/result.ts';
import { COMPOSE_TAGS } from './merge-service.ts';

/** A Compose file as it is given. */
export interface ComposeText {
  /** As it is shown to people. */
  readonly shown: string;
  readonly text: string;
  /** Where its relative paths begin, absolute. */
  readonly folder: string;
}

/** Opens a file that another one names; the path is relative to the folder. */
export type OpenFile = (path: string, folder: string) => Result<ComposeText, Failure>;

export type MapNode = Extract<SourceNode, { readonly kind: 'map' }>;

/** One file, read. */
export interface ComposeFile extends ComposeText {
  readonly source: SourceFile;
  readonly root: MapNode;
  /** Empty where it has none. */
  readonly services: MapNode;
}

const HINT = 'a Compose file has `services:` with a name and its settings below';

/** The text as a map, with a map of its services. */
export function readComposeFile(given: ComposeText): Result<ComposeFile, readonly Failure[]> {
  const { shown: file, text } = given;
  const source = sourceFile(file, text.replace(/^\ufeff/, ''));
  const { roots, failures } = readYaml(source, COMPOSE_TAGS);
  const [root] = roots;
  if (failures.length > 0) return err(failures.map((failure) => ({ hint: HINT, ...failure })));
  if (root === undefined) {
    return err([{ code: 'CONFIG_SYNTAX', message: `${file} is empty`, hint: HINT, position: { file } }]);
  }
  const wrong = (place: Place, code: Failure['code'], message: string): Result<never, readonly Failure[]> =>
    err([failureAt(source, place, { code, message, hint: HINT })]);
  const isCompose = root.kind === 'map' && (root.entries.has('services') || root.entries.has('include'));
  if (root.kind !== 'map' || !isCompose) {
    return wrong(null, 'CONFIG_MISSING_KEY', 'this is not a Compose file');
  }
  const services: SourceNode = root.entries.get('services')?.value ?? {
    kind: 'map',
    entries: new Map(),
    span: root.span,
  };
  if (services.kind !== 'map') {
    return wrong(services.span, 'CONFIG_MISSING_KEY', 'this is not a Compose file');
  }
  const bad = [...services.entries].filter(([, { value }]) => value.kind !== 'map' && value.tag !== '!reset');
  if (bad.length > 0) {
    return err(
      bad.map(([name, { key }]) => {
        const message = `services.${name} must be a map`;
        return failureAt(source, key, { code: 'CONFIG_WRONG_TYPE', message, hint: HINT });
      }),
    );
  }
  return ok({ ...given, source, root, services });
}
