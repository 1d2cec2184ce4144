import { dirname, isAbsolute, join } from 'node:path';
import type { Failure } from '../../lib/failure.ts';
import { didYouMean } from '../../lib/nearest.ts';
import { listedSecrets } from '../read/frame.ts';
import { LIMITS } from '../read/limits.ts';
import {
  failureAt,
  placeText,
  type MapNode,
  type Place,
  type SourceDocument,
  type SourceNode,
} from '../read/source.ts';
import { cameBy, ofFile } from './layer.ts';
import { appOver, isNull, without, type Patching } from './patch.ts';
import { wantedBase, type Wanted } from './wanted-base.ts';
import { openScope, type Assembly, type Scope } from './scope.ts';

/** One other file, read, with its absolute path. */
export type OtherFile = Pick<Scope, 'document' | 'path'>;

export interface Extending extends Assembly {
  /** Reads a file that an app names. The path is as people see it; fails with what is wrong. */
  readonly readFile: (shown: string) => Promise<OtherFile | readonly Failure[]>;
  /** Files that were read already, by their path as people see it. */
  readonly files: Map<string, Promise<OtherFile | null>>;
  /** The same as they look to another file, by the paths of both. */
  readonly scopes: Map<string, Promise<Scope | null>>;
  /** What of rows and circles was reported already. */
  readonly circles: Set<string>;
}

/** An app on the way from the one that was asked for. */
interface Step {
  readonly scope: Scope;
  readonly name: string;
}

const NONE: SourceNode = { kind: 'scalar', value: null, span: null };

const TOO_LONG = 'too long';
/** Keys of a base that stay its own. */
const OWN = ['name', 'moved'];

/** An app over what it extends, and that over what it extends; without the defaults of its file. */
export async function extended(
  app: MapNode,
  scope: Scope,
  chain: readonly Step[],
  extending: Extending,
): Promise<MapNode> {
  const own = without(app, ['extends']);
  if (isNull(app.entries.get('extends')?.value ?? NONE)) return own;
  const wanted = wantedBase(app, scope, extending);
  // It keeps `extends` then, so that nobody looks for what it would have from there.
  if (wanted === null) return app;
  const base = await baseOf(wanted, scope, chain, extending);
  if (base === null) return app;
  return appOver(without(base, ['extends']), isWhole(base) ? own : app, patchingOf(scope, extending));
}

/** Whether everything that it extends is there: what is not leaves its `extends`. */
function isWhole(app: MapNode): boolean {
  return !app.entries.has('extends');
}

/** An app over the defaults of its file. */
export function overDefaults(app: MapNode, scope: Scope, assembly: Assembly): MapNode {
  const { defaults } = scope;
  if (defaults === null) return app;
  return appOver(defaults, app, patchingOf(scope, assembly));
}

async function baseOf(
  wanted: Wanted,
  scope: Scope,
  chain: readonly Step[],
  extending: Extending,
): Promise<MapNode | null> {
  const { document } = scope;
  const refuse = (what: Pick<Failure, 'code' | 'message' | 'hint' | 'details'>): null => {
    extending.failures.push(failureAt(document, wanted.place, what));
    return null;
  };
  if (chain.length > LIMITS.extends) {
    if (extending.circles.has(TOO_LONG)) return null;
    extending.circles.add(TOO_LONG);
    const message = `apps extend each other in a row of more than ${LIMITS.extends}`;
    return refuse({ code: 'CONFIG_TOO_LARGE', message });
  }
  const there = wanted.file === null ? scope : await otherScope(wanted, scope, extending);
  if (there === null) return null;
  const found = there.bases.get(wanted.app);
  if (found === undefined) return refuse(unknownBase(wanted, there));
  const isSame = ({ scope: one, name }: Step): boolean => one.path === there.path && name === wanted.app;
  const start = chain.findIndex(isSame);
  if (start !== -1) {
    const circle = [...chain.slice(start), { scope: there, name: wanted.app }];
    const members = circle.map(({ scope: { path }, name }) => `${path} ${name}`).toSorted();
    const id = [...new Set(members)].join('\n');
    if (extending.circles.has(id)) return null;
    extending.circles.add(id);
    return refuse({ code: 'CONFIG_EXTENDS_CYCLE', message: `apps extend each other: ${circleText(circle)}` });
  }
  if (found.node.kind !== 'map') return null;
  const step = { scope: there, name: wanted.app };
  const whole = await extended(found.node, there, [...chain, step], extending);
  const base = without(there === scope ? whole : asOtherFile(whole, there, extending), OWN);
  return cameBy(
    base,
    { by: `extends ${wanted.app}`, at: placeText(document, wanted.place) },
    document,
    extending.budget,
  );
}

/** As its own file makes it: with the defaults of that file, and with what that calls a secret. */
function asOtherFile(app: MapNode, scope: Scope, extending: Extending): MapNode {
  const whole = overDefaults(app, scope, extending);
  const secrets = scope.form?.rest.get('secrets');
  const own = whole.entries.get('secrets');
  const listed =
    secrets?.value.kind === 'list'
      ? new Map([
          ...whole.entries,
          ['secrets', { key: secrets.key, value: joined(secrets.value, own?.value) }] as const,
        ])
      : whole.entries;
  const { document, path } = scope;
  return ofFile({ ...whole, entries: listed }, document, { dir: dirname(path), budget: extending.budget });
}

function joined(
  list: Extract<SourceNode, { readonly kind: 'list' }>,
  more: SourceNode | undefined,
): SourceNode {
  return more?.kind === 'list' ? { ...list, items: [...list.items, ...more.items] } : list;
}

async function otherScope(wanted: Wanted, scope: Scope, extending: Extending): Promise<Scope | null> {
  const { file: name } = wanted;
  if (name === null) return scope;
  const shown = isAbsolute(name) ? name : join(dirname(scope.document.file), name);
  const key = `${scope.path}\0${shown}`;
  const opening = extending.scopes.get(key) ?? openOther(shown, wanted, scope, extending);
  extending.scopes.set(key, opening);
  return opening;
}

async function openOther(
  shown: string,
  wanted: Wanted,
  scope: Scope,
  extending: Extending,
): Promise<Scope | null> {
  const reading = extending.files.get(shown) ?? readOther(shown, wanted, scope, extending);
  extending.files.set(shown, reading);
  const other = await reading;
  if (other === null) return null;
  const { text, alsoSecret = [] } = scope.document;
  const names = [...listedSecrets(text ?? ''), ...alsoSecret];
  const document = { ...other.document, alsoSecret: names };
  return openScope({ ...other, document }, scope.vars, extending);
}

async function readOther(
  shown: string,
  { filePlace }: Wanted,
  { document }: Scope,
  { readFile, failures, budget }: Extending,
): Promise<OtherFile | null> {
  const read = await readFile(shown);
  if ('document' in read) {
    if (budget.takeFile(read.document.text?.length ?? 0)) return read;
    failures.push(
      failureAt(document, filePlace, {
        code: 'CONFIG_TOO_LARGE',
        message: `the files that this one is put together of are more than ${LIMITS.files}, or larger than ${LIMITS.fileBytes / 1024 / 1024} MB together`,
      }),
    );
    return null;
  }
  const [first, ...rest] = read;
  if (first !== undefined) failures.push(atReference(first, shown, document, filePlace), ...rest);
  return null;
}

/** What is wrong with the file as a whole is wrong where it is named. */
function atReference(
  { position, frame, ...failure }: Failure,
  shown: string,
  document: SourceDocument,
  place: Place,
): Failure {
  const isInside = position?.line !== undefined || position?.file !== shown;
  const way = `via extends (${placeText(document, place)})`;
  if (isInside && position !== undefined) {
    return {
      ...failure,
      position,
      ...(frame !== undefined && { frame }),
      details: [...(failure.details ?? []), way],
    };
  }
  return failureAt(document, place, failure);
}

function unknownBase(wanted: Wanted, there: Scope): Pick<Failure, 'code' | 'message' | 'hint'> {
  const names = [...there.bases.keys()];
  const known = names.length === 0 ? 'it has none' : `known are ${names.slice(0, 20).join(', ')}`;
  return {
    code: 'CONFIG_UNKNOWN_BASE',
    message: `${wanted.file === null ? 'the file' : there.document.file} has no app or template ${JSON.stringify(wanted.app)}`,
    hint: didYouMean(wanted.app, names) ?? known,
  };
}

function circleText(circle: readonly Step[]): string {
  const files = new Set(circle.map(({ scope }) => scope.path));
  return circle
    .map(({ scope, name }) => (files.size === 1 ? name : `${name} (${scope.document.file})`))
    .join(' → ');
}

function patchingOf({ document }: Scope, { failures, budget }: Assembly): Patching {
  return { document, failures, budget };
}
