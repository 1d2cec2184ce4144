import { resolvePath } from '../../spec/normalise/normalise-path.ts';
import { readSource } from '../../spec/normalise/normalise-sources.ts';
import { readList } from '../../spec/normalise/values.ts';
import { declaredPorts, portVariables } from '../../spec/ports/slot-ports.ts';
import { REDACTED, redactVariable } from '../../spec/secrets/redact.ts';
import { secretNames } from '../../spec/secrets/secret-names.ts';
import { describeSource } from '../../spec/secrets/variable-source.ts';
import { folderOf } from '../apps/load-apps.ts';
import { nodeAt, type SourceNode } from '../read/source.ts';
import { writtenPath } from '../shape/declared-app.ts';
import { textOf } from '../variants/app-nodes.ts';
import { parsedEnvFile } from './env-file-text.ts';
import { nearestNode, nodeOrigin, placeOf, viaText, type Looking, type ValueOrigin } from './node-origin.ts';

/** One place that says something of a variable. */
export interface VariableLayer extends ValueOrigin {
  /** What it says, without secrets; null: it takes the variable away. References are in words: `from_file /srv/secrets/db`. */
  readonly value: string | null;
}

/** Of an app of a file: each variable that the file says something of, by name. */
export function layeredVariables(
  at: Looking,
  environment: Environment,
): ReadonlyMap<string, readonly VariableLayer[]> {
  const names = [...namesOf(at)].toSorted();
  return new Map(
    names.flatMap((name) => {
      const layers = variableLayers(name, at, environment);
      return layers.length === 0 ? [] : [[name, layers] as const];
    }),
  );
}

/** Where the value of a variable stands that counts. */
export function variableOrigin(name: string, at: Looking): ValueOrigin | null {
  // What is inherited is a place also where only the daemon knows the value.
  const [first] = variableLayers(name, at, { [name]: '' });
  if (first === undefined || first.value === null) return null;
  const { value: _value, ...origin } = first;
  return origin;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Everything that is said of a variable, the one that counts first, as `normaliseEnv` has it. */
function variableLayers(name: string, at: Looking, environment: Environment): readonly VariableLayer[] {
  const { file, loaded, options } = at;
  const { root } = file.file.document;
  const fields = [...(options.env === null ? [] : [`env_${options.env}`]), 'env'];
  const show = shower(name, at);
  const said = (node: SourceNode | undefined, way: string | null): readonly VariableLayer[] =>
    rowOf(node).map((one) => {
      const origin = placeOf(one, at);
      return { ...origin, via: way === null ? origin.via : viaText([way], origin.via), value: show(one) };
    });
  const ofApp = (field: string): readonly VariableLayer[] =>
    said(nodeAt(root, writtenPath(loaded.declared, [field, name])), field === 'env' ? null : field);
  return [
    ...fields.flatMap(ofApp),
    ...envFileLayers(name, at),
    ...inherited(name, at, environment),
    ...fields.flatMap((field) => said(nodeAt(root, [field, name]), `project ${field}`)),
    ...ofPort(name, at),
  ];
}

/** A node and those that it has taken the place of, without steps that say the same at the same place. */
function rowOf(node: SourceNode | undefined): readonly SourceNode[] {
  return node === undefined ? [] : [node, ...rowOf(node.over)];
}

function namesOf({ file, loaded: { declared, spec } }: Looking): ReadonlySet<string> {
  const maps = [...Object.entries(declared.app), ...Object.entries(file.file.variables)].flatMap(
    ([field, value]) =>
      /^env(?:_(?!file$)|$)/.test(field) && typeof value === 'object' && value !== null
        ? Object.keys(value)
        : [],
  );
  const ports = declaredPorts(spec).flatMap((_, index) => portVariables(declaredPorts(spec), index));
  return new Set([
    ...maps,
    ...(declared.app.inherit_env ?? []),
    ...Object.keys(spec.env),
    ...Object.keys(spec.env_from),
    ...ports,
  ]);
}

/** What a node says, for people. */
function shower(name: string, at: Looking): (node: SourceNode) => string | null {
  const { loaded, file, options } = at;
  const isSecret = secretNames(loaded.spec.secrets);
  const place = { fileDir: folderOf(file.found.path, options.cwd), home: options.home };
  return (node) => {
    if (node.kind === 'scalar') {
      if (node.value === null) return null;
      if (options.showSecrets) return textOf(node);
      return node.isSecret === true ? REDACTED : redactVariable(name, textOf(node) ?? '', isSecret);
    }
    const source = readSource(plain(node), place);
    if (source !== null) return describeSource(source);
    return redactVariable(name, JSON.stringify(plain(node)), isSecret);
  };
}

function plain(node: SourceNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plain);
  return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, plain(value)]));
}

/** The last line of each file that sets it, the last file first. */
function envFileLayers(
  name: string,
  { file, loaded, options, envFile = parsedEnvFile }: Looking,
): readonly VariableLayer[] {
  const dir = folderOf(file.found.path, options.cwd);
  const files = readList(loaded.declared.app.env_file).map((path) => resolvePath(path, dir, options.home));
  const isSecret = secretNames(loaded.spec.secrets);
  return files.toReversed().flatMap((path) => {
    const { values, lineOf } = envFile(path);
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) return [];
    const line = lineOf(name);
    const shown = options.showSecrets ? value : redactVariable(name, value, isSecret);
    return [{ file: path, ...(line !== null && { line, column: 1 }), via: 'env_file', value: shown }];
  });
}

/** Named in `inherit_env`, and there to be inherited. */
function inherited(name: string, at: Looking, environment: Environment): readonly VariableLayer[] {
  const { file, loaded, options } = at;
  const value = environment[name];
  const index = loaded.declared.app.inherit_env?.indexOf(name) ?? -1;
  if (index === -1 || value === undefined) return [];
  const node = nodeAt(file.file.document.root, writtenPath(loaded.declared, ['inherit_env', index]));
  const found = nodeOrigin(node, at);
  if (found === null) return [];
  const shown = options.showSecrets ? value : redactVariable(name, value, secretNames(loaded.spec.secrets));
  return [{ ...found, via: viaText(['inherit_env'], found.via), value: shown }];
}

/** A declared port is told by a variable, unless the app says something else of it. */
function ofPort(name: string, at: Looking): readonly VariableLayer[] {
  const ports = declaredPorts(at.loaded.spec);
  return ports.flatMap((port, index) => {
    if (!portVariables(ports, index).includes(name)) return [];
    const found = nodeOrigin(nearestNode(['ports', port.name], at) ?? nearestNode(['port'], at), at);
    if (found === null) return [];
    return [{ ...found, via: viaText(['port'], found.via), value: String(port.port) }];
  });
}
