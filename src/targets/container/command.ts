import { basename, isAbsolute, posix, relative } from 'node:path';
import { isNode } from '../../spec/node-app.ts';
import type { AppSpec } from '../../spec/types.ts';
import { commandWords } from '../model/command-words.ts';
import { error, warning, type Finding } from '../model/rendered.ts';

/** An app that is to run in a container. */
export interface ContainerApp {
  readonly spec: AppSpec;
  /** Absolute path of the folder of the ecosystem file. */
  readonly root: string;
  /** Where that folder is in the image: an absolute path. */
  readonly folder: string;
}

export interface ContainerCommand {
  readonly command: readonly string[];
  readonly workingDir: string;
}

/** Program and arguments, with the folder of the ecosystem file where it is in the image. */
export function containerCommand(app: ContainerApp): ContainerCommand {
  const { spec } = app;
  const script = spec.shell ? spec.script : (inImage(app, spec.script) ?? spec.script);
  const command = commandWords({ ...spec, script, interpreter: interpreterIn(app) });
  return { command, workingDir: inImage(app, spec.cwd) ?? spec.cwd };
}

export function commandFindings(app: ContainerApp): readonly Finding[] {
  const { spec, root } = app;
  if (spec.serve !== null) {
    return [error('serve', 'the server for files is a part of stateward', 'use an image of a web server')];
  }
  const outside = (path: string): boolean => isAbsolute(path) && inImage(app, path) === null;
  const isForeign = spec.interpreter !== 'none' && outside(spec.interpreter) && !isNode(spec) && !spec.shell;
  return [
    ...(outside(spec.cwd) ? [error('cwd', `${spec.cwd} is not below ${root}, which the image has`)] : []),
    ...(!spec.shell && outside(spec.script)
      ? [error('script', `${spec.script} is not below ${root}, which the image has`)]
      : []),
    ...(isForeign
      ? [warning('interpreter', `the image has to have ${spec.interpreter}`, 'name a command on PATH')]
      : []),
    ...namesHost(app, 'args', spec.args),
    ...namesHost(app, 'interpreter_args', spec.interpreter_args),
    ...(spec.shell ? namesHost(app, 'script', [spec.script]) : []),
  ];
}

function namesHost({ root }: ContainerApp, field: string, texts: readonly string[]): readonly Finding[] {
  if (!texts.some((text) => text.includes(root))) return [];
  return [
    warning(field, `${root} is a folder of this host`, 'a relative path means the same in both places'),
  ];
}

/** A path of this host in the image; null: the image does not have it. What is no absolute path stays as it is. */
function inImage({ root, folder }: ContainerApp, path: string): string | null {
  if (!isAbsolute(path)) return path;
  const below = relative(root, path);
  if (below === '') return folder;
  return below.startsWith('..') ? null : posix.join(folder, below);
}

/** A Node or shell of this host lies elsewhere in an image: its PATH finds one. */
function interpreterIn(app: ContainerApp): string {
  const { interpreter, shell } = app.spec;
  if (interpreter === 'none') return interpreter;
  if (shell) return basename(interpreter) === 'sh' ? '/bin/sh' : basename(interpreter);
  if (isNode(app.spec)) return isAbsolute(interpreter) ? 'node' : interpreter;
  return inImage(app, interpreter) ?? interpreter;
}
