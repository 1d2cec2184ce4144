import { join } from 'node:path';
import { nodeAt } from '../../config/read/source.ts';
import type { AppBuilder } from '../model/build-app.ts';
import { isPlain, plainValue, textAt, type Plain } from '../model/plain-node.ts';
import { variableName } from '../model/variable-name.ts';
import type { ComposeProject } from './files/read-project.ts';
import { composeVariables } from './variables.ts';

/** A secret that a service is given: in a container it is a file below /run/secrets. */
interface GivenSecret {
  /** Under `secrets` of the project. */
  readonly name: string;
  /** The file in the container. */
  readonly target: string;
}

const FOLDER = '/run/secrets/';

function given(service: Plain): readonly GivenSecret[] {
  const list = Array.isArray(service['secrets']) ? (service['secrets'] as readonly unknown[]) : [];
  return list.flatMap((item) => {
    if (typeof item === 'string') return [{ name: item, target: `${FOLDER}${item}` }];
    if (!isPlain(item)) return [];
    const name = textAt(item['source']);
    const target = textAt(item['target'], name);
    return name === '' ? [] : [{ name, target: target.startsWith('/') ? target : `${FOLDER}${target}` }];
  });
}

function declared(root: ComposeProject['root'], name: string): Plain {
  const value = plainValue(nodeAt(root, ['secrets', name]));
  return isPlain(value) ? value : {};
}

/** Texts of a service with the files of this host in the place of those that a container would have. */
export function secretFiles(
  service: Plain,
  { root, folder }: { readonly root: ComposeProject['root']; readonly folder: string },
): (text: string) => string {
  const moves = given(service).flatMap(({ name, target }) => {
    const file = textAt(declared(root, name)['file']);
    return file === '' ? [] : [[target, hostPath(file, folder)] as const];
  });
  return (text) =>
    moves.reduce((moved, [target, path]) => moved.replace(pathPattern(target), () => path), text);
}

/** Data with every text in it changed. */
export function inTexts(value: unknown, move: (text: string) => string): unknown {
  if (typeof value === 'string') return move(value);
  if (Array.isArray(value)) return value.map((item) => inTexts(item, move));
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inTexts(inner, move)]));
}

/** Secrets of a service as variables that are read when a process starts, where nothing of it names the file. */
export function serviceSecrets(
  app: AppBuilder,
  written: Plain,
  { root, folder }: { readonly root: ComposeProject['root']; readonly folder: string },
): void {
  const { secrets: _secrets, ...rest } = written;
  for (const { name, target } of given(written)) {
    const { file, environment } = declared(root, name);
    const isNamed = pathPattern(target).test(JSON.stringify(rest));
    const variable = variableName(name);
    const path = textAt(file) === '' ? null : hostPath(textAt(file), folder);
    if (path !== null && isNamed) {
      app.advice(
        `${path} is read where it lies, and not as ${target}: the user of the app has to be allowed to`,
      );
      continue;
    }
    if (isNamed) app.advice(`${target} is not here: read ${variable}, or write the file and say where it is`);
    else
      app.differs(
        'env',
        `secrets: ${name}: a container has the file ${target}; here ${variable} holds what it says`,
      );
    if (path !== null) app.source(variable, { from_file: path });
    else if (textAt(environment) !== '') {
      app.source(variable, { from_env: textAt(environment) });
      app.differs(
        'env',
        `${variable}: Compose takes ${textAt(environment)} from the shell, stateward from the environment of the daemon`,
      );
    } else {
      app.source(variable, { from_file: `./secrets/${name}` });
      app.differs(
        'env',
        `${variable}: the secret is kept outside (external): write it to ./secrets/${name}, or say from_exec`,
      );
    }
  }
}

/** With `~` and variables as they are. */
function hostPath(file: string, folder: string): string {
  const path = composeVariables(file);
  return /^(?:\/|~|\$\{)/.test(path) ? path : join(folder, path);
}

function pathPattern(target: string): RegExp {
  return new RegExp(`(?<![\\w.-])${target.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')}(?![\\w./-])`, 'g');
}
