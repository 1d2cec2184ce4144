import { resolve } from 'node:path';
import type { SettingLines } from '../../spec/read-from/read-from.ts';
import { parsedEnvFile, type EnvFileText } from './env-file-text.ts';
import type { LoadedDocument } from '../load-document.ts';
import {
  nearestNode,
  nodeOrigin,
  type Looking,
  type ResolveOptions,
  type ValueOrigin,
} from './node-origin.ts';
import { variableOrigin } from './variable-layers.ts';

/** How paths were resolved when the files were read. */
export type LinesOptions = Omit<ResolveOptions, 'showSecrets'>;

/** Where each setting that apps of these documents declare stands, and each variable. */
export function settingLines(files: readonly LoadedDocument[], options: LinesOptions): SettingLines {
  const texts = new Map<string, EnvFileText>();
  const envFile = (path: string): EnvFileText => {
    const known = texts.get(path) ?? parsedEnvFile(path);
    texts.set(path, known);
    return known;
  };
  return Object.fromEntries(
    files.flatMap((file) =>
      file.loaded.apps.map((loaded) => {
        const at = { file, loaded, options: { ...options, showSecrets: false }, envFile };
        return [loaded.spec.name, byFile(originsIn(at), options.cwd)] as const;
      }),
    ),
  );
}

type Named = readonly [setting: string, origin: ValueOrigin];

function originsIn(at: Looking): readonly Named[] {
  const { declared, spec } = at.loaded;
  const settings = Object.keys(declared.app).filter((key) => !isOfVariables(key));
  const variables = [...Object.keys(spec.env), ...Object.keys(spec.env_from)];
  return [
    ...settings.flatMap((key) => named(key, nodeOrigin(nearestNode([key], at), at))),
    ...variables.flatMap((name) => named(`env.${name}`, variableOrigin(name, at))),
  ];
}

/** `env`, `env_production`: their entries have places of their own. */
function isOfVariables(key: string): boolean {
  return key === 'env' || (key.startsWith('env_') && key !== 'env_file');
}

function named(setting: string, origin: ValueOrigin | null): readonly Named[] {
  return origin === null ? [] : [[setting, origin]];
}

function byFile(origins: readonly Named[], cwd: string): SettingLines[string] {
  const files: Record<string, Record<string, number>> = {};
  for (const [setting, { file, line = 0 }] of origins) {
    // As it is shown to people, a file is relative to where the command was typed.
    const path = file === STDIN ? '-' : resolve(cwd, file);
    (files[path] ??= {})[setting] = line;
  }
  return files;
}

const STDIN = '<stdin>';
