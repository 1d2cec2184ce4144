import { readYaml } from '../../config/read/read-yaml.ts';
import { failureAt, nodeAt, sourceFile, type SourceFile, type SourceNode } from '../../config/read/source.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';

export interface NamedMaps {
  readonly source: SourceFile;
  readonly root: SourceNode;
  /** Names of the maps below the key. */
  readonly names: readonly string[];
}

/** A YAML file whose root has `key`, a map of maps: services, processes. */
export function readNamedMaps(
  file: string,
  text: string,
  key: string,
  what: string,
): Result<NamedMaps, readonly Failure[]> {
  const source = sourceFile(file, text.replace(/^\ufeff/, ''));
  const { roots, failures } = readYaml(source);
  const [root] = roots;
  const hint = `${what} has \`${key}:\` with a name and its settings below`;
  if (failures.length > 0 || root === undefined) {
    const [first] = failures;
    return err(
      first === undefined
        ? [{ code: 'CONFIG_SYNTAX', message: `${file} is empty`, hint, position: { file } }]
        : failures.map((failure) => ({ hint, ...failure })),
    );
  }
  const node = nodeAt(root, [key]);
  if (node?.kind !== 'map' || node.entries.size === 0) {
    const span = node?.span ?? null;
    return err([
      failureAt(source, span, { code: 'CONFIG_MISSING_KEY', message: `this is not ${what}`, hint }),
    ]);
  }
  const wrong = [...node.entries].filter(([, { value }]) => value.kind !== 'map');
  if (wrong.length > 0) {
    return err(
      wrong.map(([name, entry]) =>
        failureAt(source, entry.key, {
          code: 'CONFIG_WRONG_TYPE',
          message: `${key}.${name} must be a map`,
          hint,
        }),
      ),
    );
  }
  return ok({ source, root, names: [...node.entries.keys()] });
}
