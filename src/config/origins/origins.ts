import { escapeApp } from '../../spec/escape-app.ts';
import { denormaliseApp } from '../../spec/normalise/denormalise.ts';
import { redactSpec } from '../../spec/secrets/redact.ts';
import type { LoadedDocument } from '../load-document.ts';
import { nodeAt, type SourceNode, type SourcePath } from '../read/source.ts';
import { writtenPath } from '../shape/declared-app.ts';
import {
  nearestNode,
  nodeOrigin,
  type Looking,
  type ResolveOptions,
  type ValueOrigin,
} from './node-origin.ts';
import { variableOrigin } from './variable-layers.ts';

/** One app as it is resolved, in the vocabulary of a file, with the origin of each of its values. */
export interface ResolvedApp {
  readonly app: Readonly<Record<string, unknown>>;
  /** null: it follows from other values. */
  readonly originOf: (path: SourcePath) => ValueOrigin | null;
}

/** Where a project has its name from; null: from a folder. */
export function projectOrigin(file: LoadedDocument): ValueOrigin | null {
  return nodeOrigin(nodeAt(file.file.document.root, ['project']), { file });
}

/** The apps of a document as `apply` would take them. */
export function resolvedApps(file: LoadedDocument, options: ResolveOptions): readonly ResolvedApp[] {
  return file.loaded.apps.map((loaded) => {
    const spec = options.showSecrets ? loaded.spec : redactSpec(loaded.spec);
    return {
      app: escapeApp(denormaliseApp(spec)),
      originOf: (path) => originOf(path, { file, loaded, options }),
    };
  });
}

function originOf(path: SourcePath, at: Looking): ValueOrigin | null {
  const [field, name] = path;
  if (field === 'env' && typeof name === 'string') return variableOrigin(name, at);
  if (field === 'secrets' && typeof name === 'number') return secretOrigin(at.loaded.spec.secrets[name], at);
  return nodeOrigin(nearestNode(path, at), at) ?? nodeOrigin(rootNode(field, at), at);
}

/** What the root says for all of its apps. */
function rootNode(field: SourcePath[number] | undefined, { file }: Looking): SourceNode | undefined {
  if (field !== 'version') return undefined;
  return nodeAt(file.file.document.root, [field]);
}

/** Names of the root and of the app are one list, in which each is there once. */
function secretOrigin(secret: string | undefined, at: Looking): ValueOrigin | null {
  const { root } = at.file.file.document;
  for (const path of [writtenPath(at.loaded.declared, ['secrets']), ['secrets']]) {
    const list = nodeAt(root, path);
    const items = list?.kind === 'list' ? list.items : [];
    const found = items.find((item) => item.kind === 'scalar' && item.value === secret);
    if (found !== undefined) return nodeOrigin(found, at);
  }
  return null;
}
