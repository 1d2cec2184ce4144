import { readFileSync } from 'node:fs';
import { escapeApp } from '../spec/escape-app.ts';
import { denormaliseApp } from '../spec/normalise/denormalise.ts';
import { resolvePath } from '../spec/normalise/normalise-path.ts';
import { readList } from '../spec/normalise/values.ts';
import { redactSpec } from '../spec/secrets/redact.ts';
import type { LoadedApp } from './apps/check-project.ts';
import { folderOf } from './apps/load-apps.ts';
import type { LoadedDocument } from './load-document.ts';
import { nodeAt, positionOf, type SourceNode, type SourcePath } from './read/source.ts';
import { writtenPath } from './shape/declared-app.ts';

/** Where a value stands. `via`: how it came to where it counts; null: it stands there. */
export interface ValueOrigin {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly via: string | null;
}

/** One app as it is resolved, in the vocabulary of a file, with the origin of each of its values. */
export interface ResolvedApp {
  readonly app: Readonly<Record<string, unknown>>;
  /** null: it follows from other values. */
  readonly originOf: (path: SourcePath) => ValueOrigin | null;
}

export interface ResolveOptions {
  readonly env: string | null;
  readonly cwd: string;
  readonly home: string | null;
  readonly showSecrets: boolean;
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

interface Looking {
  readonly file: LoadedDocument;
  readonly loaded: LoadedApp;
  readonly options: ResolveOptions;
}

function originOf(path: SourcePath, at: Looking): ValueOrigin | null {
  const [field, name] = path;
  if (field === 'env' && typeof name === 'string') return variableOrigin(name, at);
  if (field === 'secrets' && typeof name === 'number') return secretOrigin(at.loaded.spec.secrets[name], at);
  return nodeOrigin(nearestNode(path, at), at) ?? nodeOrigin(rootNode(field, at), at);
}

/** What of the path stands in the file: a list may be a text there, and a map its short form. */
function nearestNode(path: SourcePath, { loaded: { declared }, file }: Looking): SourceNode | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const node = nodeAt(file.file.document.root, writtenPath(declared, path.slice(0, length)));
    if (node !== undefined) return node;
  }
  return undefined;
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

/** Highest first, as `normaliseEnv` has it. */
function variableOrigin(name: string, at: Looking): ValueOrigin | null {
  const { file, loaded, options } = at;
  const { root } = file.file.document;
  const overlay = options.env === null ? [] : [`env_${options.env}`];
  const ofApp = (field: string): ValueOrigin | null =>
    nodeOrigin(nodeAt(root, writtenPath(loaded.declared, [field, name])), at);
  for (const field of [...overlay, 'env']) {
    const found = ofApp(field);
    if (found !== null) return field === 'env' ? found : { ...found, via: viaText([field], found.via) };
  }
  const inFile = envFileOrigin(name, at);
  if (inFile !== null) return inFile;
  const inherited = loaded.declared.app.inherit_env?.indexOf(name) ?? -1;
  if (inherited !== -1) {
    const found = nodeOrigin(nodeAt(root, writtenPath(loaded.declared, ['inherit_env', inherited])), at);
    if (found !== null) return { ...found, via: viaText(['inherit_env'], found.via) };
  }
  for (const field of [...overlay, 'env']) {
    const found = nodeOrigin(nodeAt(root, [field, name]), at);
    if (found !== null) return { ...found, via: viaText([`project ${field}`], found.via) };
  }
  const port = name === 'PORT' ? nodeOrigin(nearestNode(['port'], at), at) : null;
  return port === null ? null : { ...port, via: viaText(['port'], port.via) };
}

/** The last line that sets the variable, in the last file that has it. */
function envFileOrigin(name: string, { file, loaded, options }: Looking): ValueOrigin | null {
  const dir = folderOf(file.found.path, options.cwd);
  const files = readList(loaded.declared.app.env_file).map((path) => resolvePath(path, dir, options.home));
  for (const path of files.toReversed()) {
    const line = linesOf(path).findLastIndex((text) => {
      const [, found] = /^\s*(?:export\s+)?([^=\s]+)\s*=/.exec(text) ?? [];
      return found === name;
    });
    if (line !== -1) return { file: path, line: line + 1, column: 1, via: 'env_file' };
  }
  return null;
}

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    // It was read a moment ago.
    return [];
  }
}

function nodeOrigin(node: SourceNode | undefined, { file }: Pick<Looking, 'file'>): ValueOrigin | null {
  if (node === undefined || (node.kind === 'scalar' && node.value === null)) return null;
  const { span } = node;
  const source = span?.from?.source ?? file.file.document;
  const via = viaText(
    (span?.from?.via ?? []).map(({ by }) => by),
    null,
  );
  if (span === null || 'anyOf' in span) return { file: source.file, via };
  return { ...positionOf(source, span.start), via };
}

function viaText(ways: readonly string[], more: string | null): string | null {
  const all = [...ways, ...(more === null ? [] : [more])];
  return all.length === 0 ? null : all.join(', ');
}
