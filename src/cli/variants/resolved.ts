import type { Node, Pair, Scalar, YAMLSeq } from 'yaml';
import type { LoadedDocument } from '../../config/load-document.ts';
import type { ResolveOptions, ValueOrigin } from '../../config/origins/node-origin.ts';
import { projectOrigin, resolvedApps, type ResolvedApp } from '../../config/origins/origins.ts';
import type { SourcePath } from '../../config/read/source.ts';
import { pathText } from '../../config/shape/declared-app.ts';

/** One project as it is resolved. `origins`: of each value of `config`, by its path (`apps[0].env.PORT`). */
export interface ResolvedProject {
  readonly project: string;
  readonly config: {
    readonly project: string;
    readonly apps: readonly Readonly<Record<string, unknown>>[];
  };
  /** Values that follow from others are in none. */
  readonly origins: Readonly<Record<string, ValueOrigin>>;
}

/** What files come to, project by project. */
export function resolvedProjects(
  files: readonly LoadedDocument[],
  options: ResolveOptions,
): readonly ResolvedProject[] {
  const names = [...new Set(files.map(({ project }) => project))];
  return names.map((project) => {
    const parts = files.filter((file) => file.project === project);
    const apps = parts.flatMap((file) => resolvedApps(file, options));
    const named = parts.flatMap((file) => projectOrigin(file) ?? []).slice(0, 1);
    const origins = [
      ...named.map((origin) => ['project', origin] as const),
      ...apps.flatMap((app, index) => originsOf(app, index)),
    ];
    return {
      project,
      config: { project, apps: apps.map(({ app }) => app) },
      origins: Object.fromEntries(origins),
    };
  });
}

function originsOf(
  { app, originOf }: ResolvedApp,
  index: number,
): readonly (readonly [string, ValueOrigin])[] {
  return leaves(app, []).flatMap((path) => {
    const origin = originOf(path);
    return origin === null ? [] : [[pathText(['apps', index, ...path]), origin] as const];
  });
}

/** The paths of all texts, numbers and the like; of what is empty, its own. */
function leaves(value: unknown, path: SourcePath): readonly SourcePath[] {
  if (typeof value !== 'object' || value === null) return [path];
  const steps: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? value.map((inner: unknown, index) => [index, inner] as const)
    : Object.entries(value);
  return steps.length === 0 ? [path] : steps.flatMap(([step, inner]) => leaves(inner, [...path, step]));
}

/** As YAML, with the origin of each value behind it. */
export async function resolvedText(projects: readonly ResolvedProject[]): Promise<string> {
  const { Document, isMap, isScalar, isSeq } = await import('yaml');
  return projects
    .map(({ config, origins }) => {
      const document = new Document(config, { aliasDuplicateObjects: false });
      const annotate = (node: unknown, path: SourcePath): void => {
        const origin = origins[pathText(path)];
        if (isMap(node)) {
          for (const { key, value } of node.items as Pair<Scalar, Node>[]) {
            annotate(value, [...path, String(key.value)]);
          }
        } else if (isSeq(node)) annotateList(node, path);
        else if (isScalar(node) && origin !== undefined) node.comment = ` ${originText(origin)}`;
      };
      const annotateList = (list: YAMLSeq, path: SourcePath): void => {
        const texts = list.items.map((_, index) => {
          const origin = origins[pathText([...path, index])];
          return origin === undefined ? '' : originText(origin);
        });
        const [first] = texts;
        // A list of one place is shorter in one line.
        if (first !== undefined && list.items.every(isScalar) && texts.every((text) => text === first)) {
          list.flow = true;
          if (first !== '') list.comment = ` ${first}`;
        } else for (const [index, item] of list.items.entries()) annotate(item, [...path, index]);
      };
      annotate(document.contents, []);
      return document.toString({ lineWidth: 0 });
    })
    .join('---\n');
}

/** `prod.yaml:12`, `defaults, base.yaml:3`, `--var tag`. */
function originText({ file, line, via }: ValueOrigin): string {
  const place = line === undefined ? file : `${file}:${line}`;
  return via === null ? place : `${via}, ${place}`;
}
