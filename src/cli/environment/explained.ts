import type {
  AppEnvironment,
  ProcessVariable,
  VariableInfo,
} from '../../api/contract/wire/surroundings/environment.ts';
import type { LoadedDocument } from '../../config/load-document.ts';
import type { VariableLayer } from '../../config/origins/variable-layers.ts';
import { appKey } from '../../lib/app-key.ts';
import { isBaseName } from '../../spec/environment/base-env-names.ts';
import { giversOf, isOwnVariable, type VariableGiver } from '../../spec/environment/variable-givers.ts';
import { redactVariable } from '../../spec/secrets/redact.ts';
import { secretNames } from '../../spec/secrets/secret-names.ts';
import { describeSource } from '../../spec/secrets/variable-source.ts';
import type { AppSpec } from '../../spec/types.ts';

/** Stands for values that nobody has kept: it is shown nowhere. */
export const UNKNOWN_SECRET = 'a-secret-that-nobody-has-kept';

/** `env explain -o json`: where the variables of an app come from. */
export interface ExplainedEnvironment {
  readonly apiVersion: 'v1';
  readonly kind: 'ExplainedEnvironment';
  readonly project: string;
  readonly name: string;
  /** null: the file was asked, and not the daemon. */
  readonly revision: number | null;
  readonly variables: readonly ExplainedVariable[];
}

export interface ExplainedVariable {
  readonly name: string;
  /** Without secrets; null: it is read at the start, differs by process, or there is none. */
  readonly value: string | null;
  /** Where it is read: `from_file /srv/secrets/db`. Absent: it is not. */
  readonly reads?: string;
  /** Why it cannot be read now, with the way out. */
  readonly problem?: string;
  /** Everything that says something of it, the one that counts first; the others it overrides, in this order. */
  readonly layers: readonly ExplainedLayer[];
  /** Whether the file says what was applied last; null: it is not known. */
  readonly applied: boolean | null;
  /** Empty: nothing runs, or nobody was asked. */
  readonly processes: readonly ProcessVariable[];
}

export interface ExplainedLayer {
  /** `env`, `env_production`, `env_file`, `inherit_env`, `project env`, with the way it came (`extends web, env`); `daemon`, `stateward`. */
  readonly by: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** Without secrets; null: it takes the variable away, or the value is none of a file. */
  readonly value: string | null;
}

/** An app of a file, with what the file says of each variable. */
export interface FileSide {
  readonly document: LoadedDocument;
  readonly spec: AppSpec;
  readonly layers: ReadonlyMap<string, readonly VariableLayer[]>;
}

/** What the daemon says, and the app as it was applied, with its secrets; `file`: null where it cannot be read. */
export function explainRunning(
  environment: AppEnvironment,
  applied: AppSpec,
  file: FileSide | null,
): ExplainedEnvironment {
  const { project, name, revision, variables } = environment;
  const known = new Map(variables.map((variable) => [variable.name, variable]));
  const names = [...new Set([...known.keys(), ...(file?.layers.keys() ?? [])])].toSorted();
  return {
    ...{ apiVersion: 'v1', kind: 'ExplainedEnvironment', project, name, revision },
    variables: names.map((variable) => {
      const info = known.get(variable) ?? NOBODY(variable);
      const layers = layersOf(info.givers, file?.layers.get(variable));
      const isApplied = file === null ? null : isSame(variable, file.spec, applied);
      const { value, reads, problem, processes } = info;
      return {
        ...{ name: variable, value, ...(reads !== undefined && { reads }) },
        ...(problem !== undefined && { problem }),
        ...{ layers, applied: isApplied, processes },
      };
    }),
  };
}

/** What a file says, with nobody asked. `also`: a variable that is asked for, of which the file may say nothing. */
export function explainFile(file: FileSide, also: string | undefined): ExplainedEnvironment {
  const { spec, document } = file;
  const around = {
    environment: spec.env,
    base: also !== undefined && isBaseName(also) ? { [also]: '' } : {},
  };
  const isOther = also !== undefined && (isBaseName(also) || isOwnVariable(also, spec));
  const names = [...new Set([...file.layers.keys(), ...(isOther ? [also] : [])])].toSorted();
  return {
    ...{ apiVersion: 'v1', kind: 'ExplainedEnvironment', project: document.project, name: spec.name },
    revision: null,
    variables: names.map((name) => {
      const source = spec.env_from[name];
      const value = spec.env[name];
      const own = file.layers.get(name);
      const shown = value === undefined ? null : redactVariable(name, value, secretNames(spec.secrets));
      return {
        ...{ name, value: shown ?? own?.[0]?.value ?? null, applied: null, processes: [] },
        ...(source !== undefined && { value: null, reads: describeSource(source) }),
        layers: layersOf(giversOf(name, spec, around), own),
      };
    }),
  };
}

const NOBODY = (name: string): VariableInfo => ({ name, givers: [], value: null, processes: [] });

/** What each giver stands for; `declared` and `port` are what the file says. */
const WORDS: Readonly<Record<Exclude<VariableGiver, 'declared'>, string>> = {
  stateward: 'stateward',
  port: 'port',
  increment: 'increment_var',
  language: 'stateward',
  base: 'daemon',
};

function layersOf(
  givers: readonly VariableGiver[],
  said: readonly VariableLayer[] | undefined = [],
): readonly ExplainedLayer[] {
  const ports = said.filter(({ via }) => isPort(via));
  const declared = said.filter(({ via }) => !isPort(via));
  const own = (layers: readonly VariableLayer[], by: string): readonly ExplainedLayer[] =>
    layers.length === 0 ? [{ by, value: null }] : layers.map(fromFile);
  const all = givers.flatMap((giver) => {
    // A port that is declared is a variable, where nothing else says what that is.
    if (giver === 'declared') return own(declared.length === 0 ? ports : declared, 'declared');
    return giver === 'port' ? own(ports, 'port') : [{ by: WORDS[giver], value: null }];
  });
  // What the file takes away, or says since it was applied, nobody gives.
  const rest = givers.includes('declared') ? [] : declared.map(fromFile);
  const isTold = givers.includes('port') || (givers.includes('declared') && declared.length === 0);
  const below = isTold ? [] : ports.map(fromFile);
  const last = all.findIndex(({ by }) => by === WORDS.base);
  return last === -1
    ? [...all, ...rest, ...below]
    : [...all.slice(0, last), ...rest, ...below, ...all.slice(last)];
}

function isPort(via: string | null): boolean {
  return via === 'port' || via?.startsWith('port, ') === true;
}

function fromFile({ via, value, ...place }: VariableLayer): ExplainedLayer {
  return { by: via ?? 'env', ...place, value };
}

/** null: it is made of a secret that was given with --var and that nobody has kept. */
function isSame(name: string, ofFile: AppSpec, applied: AppSpec): boolean | null {
  const of = ({ env, env_from }: AppSpec): string => JSON.stringify([env[name], env_from[name]]);
  return of(ofFile).includes(UNKNOWN_SECRET) ? null : of(ofFile) === of(applied);
}

/** The app of a file, by name; null: it declares none of that name. */
export function appIn(
  documents: readonly LoadedDocument[],
  { project, name }: { readonly project: string | null; readonly name: string },
): { readonly document: LoadedDocument; readonly index: number } | null {
  for (const document of documents) {
    if (project !== null && document.project !== project) continue;
    const index = document.loaded.apps.findIndex(({ spec }) => spec.name === name);
    if (index !== -1) return { document, index };
  }
  return null;
}

/** `shop/api` of every app, for an error that lists them. */
export function appsIn(documents: readonly LoadedDocument[]): readonly string[] {
  return documents.flatMap(({ project, loaded }) =>
    loaded.apps.map(({ spec }) => appKey(project, spec.name)),
  );
}
