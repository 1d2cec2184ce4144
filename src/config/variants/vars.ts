import type { Failure } from '../../lib/failure.ts';
import { didYouMean } from '../../lib/nearest.ts';
import { isSecretName } from '../../spec/secrets/secret-names.ts';
import { escapeVariables } from '../../spec/variables.ts';
import { referencePlace } from '../read/reference-place.ts';
import {
  failureAt,
  placeText,
  sourceFile,
  type Place,
  type SourceDocument,
  type SourceNode,
} from '../read/source.ts';
import { textOf } from './app-nodes.ts';
import type { Budget } from './budget.ts';
import { layerOf, placeIn } from './layer.ts';

type Scalar = Extract<SourceNode, { readonly kind: 'scalar' }>;

/** What `${vars.NAME}` stands for in a file. */
export type Vars = ReadonlyMap<string, Scalar>;

export interface VarsContext {
  /** Where values stand that are in no layer. */
  readonly document: SourceDocument;
  readonly failures: Failure[];
  readonly budget: Budget;
  /** Whether a variable of this name holds a secret. Absent: as far as a name can tell. */
  readonly isSecret?: (name: string) => boolean;
}

const NAME = /^[A-Za-z_][\w-]*$/;
const REFERENCE = /\$\$|\$\{vars\.([^}]*)(\}?)/g;
const WHOLE = /^\$\{vars\.([A-Za-z_][\w-]*)\}$/;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** The values of `vars` in a file. */
export function readVars(node: SourceNode | undefined, { document, failures }: VarsContext): Vars {
  if (node === undefined || (node.kind === 'scalar' && node.value === null)) return new Map();
  const refuse = (at: SourceNode, message: string, hint: string): void => {
    failures.push(failureAt(document, at.span, { code: 'CONFIG_WRONG_TYPE', message, hint }));
  };
  if (node.kind !== 'map') {
    refuse(node, 'vars: this is not a map', 'write NAME: value, one a line');
    return new Map();
  }
  const vars = new Map<string, Scalar>();
  for (const [name, { key, value }] of node.entries) {
    if (!NAME.test(name)) {
      const message = `vars: ${JSON.stringify(name)} cannot be a name`;
      const hint = 'a name has letters, digits, dashes and underscores, and starts with no digit';
      failures.push(failureAt(document, key, { code: 'CONFIG_BAD_VALUE', message, hint }));
    } else if (value.kind === 'scalar') {
      vars.set(name, value.span === null ? { ...value, span: key } : value);
    } else {
      vars.set(name, { kind: 'scalar', value: null, isUnknown: true, span: value.span });
      const what = value.kind === 'list' ? 'a list' : 'a map';
      refuse(
        value,
        `vars.${name}: ${what} is no value of a variable`,
        'a text, a number, true or false can be one',
      );
    }
  }
  return vars;
}

/** A value of `--var`: a number, true and false are what they look like; nothing in it is expanded. */
export function givenVar(name: string, text: string): Scalar {
  const source = sourceFile(`--var ${name}`, null);
  const span = { anyOf: [], from: { source, expands: false, dir: null, via: [] } };
  if (text === 'true' || text === 'false') {
    return { kind: 'scalar', value: text === 'true', written: text, span };
  }
  if (NUMBER.test(text)) return { kind: 'scalar', value: Number(text), written: text, span };
  return { kind: 'scalar', value: text, span };
}

/** A node with the values of variables in all texts. A text that is nothing but a reference becomes the value itself. */
export function withVars(node: SourceNode, vars: Vars, context: VarsContext): SourceNode {
  return valuesOf(vars, context)(node);
}

/** The same for several nodes of one file: what is wrong with a variable is said once. */
export function valuesOf(vars: Vars, context: VarsContext): (node: SourceNode) => SourceNode {
  const settled = new Map<string, Scalar>();
  const open: string[] = [];
  const done = new Map<SourceNode, SourceNode>();
  const { isSecret = isSecretName } = context;

  const convert = (inner: SourceNode): SourceNode => {
    const known = done.get(inner);
    if (known !== undefined) return known;
    const made = context.budget.take(1) ? make(inner) : inner;
    done.set(inner, made);
    return made;
  };
  const make = (inner: SourceNode): SourceNode => {
    if (inner.kind === 'scalar') return scalar(inner);
    if (inner.kind === 'list') {
      const items = inner.items.map(convert);
      return items.every((item, index) => item === inner.items[index]) ? inner : { ...inner, items };
    }
    for (const [key, entry] of inner.entries) checkKey(key, entry.key);
    const values = [...inner.entries].map(
      ([key, entry]) => [key, { key: entry.key, value: convert(entry.value) }] as const,
    );
    const isSame = values.every(([key, { value }]) => value === inner.entries.get(key)?.value);
    return isSame ? inner : { ...inner, entries: new Map(values) };
  };
  const scalar = (inner: Scalar): Scalar => {
    if (typeof inner.value !== 'string' || !inner.value.includes('${vars.')) return inner;
    const layer = layerOf(inner);
    if (!(layer?.expands ?? context.document.expands)) return inner;
    const whole = WHOLE.exec(inner.value)?.[1];
    if (whole !== undefined) return inPlaceOf(inner, whole);
    return replaced(inner);
  };
  /** A key is what values are found and merged by: nothing in it stands for something else. */
  const checkKey = (key: string, place: Place): void => {
    if (!key.includes('${vars.') || !(place?.from?.expands ?? context.document.expands)) return;
    const message = `${JSON.stringify(key)} is a key, and variables of the file stand in values only`;
    const hint = 'write the name itself; an app in a list can have it as `name: ${vars.NAME}`';
    context.failures.push(failureAt(context.document, place, { code: 'CONFIG_SYNTAX', message, hint }));
  };
  const replaced = (inner: Scalar): Scalar => {
    const seen = { secret: false, unknown: false };
    const text = String(inner.value).replace(
      REFERENCE,
      (reference, name: string | undefined, close: string) => {
        if (name === undefined) return reference;
        if (close === '' || !NAME.test(name)) {
          const message = 'this is not a reference to a variable of the file';
          const hint = 'write ${vars.NAME}; a default is written under `vars`';
          refuse(inner, reference, { code: 'CONFIG_SYNTAX', message, hint });
          seen.unknown = true;
          return '';
        }
        const found = value(name, inner);
        if (found === null || found.isUnknown === true) {
          seen.unknown = true;
          return '';
        }
        if (found.isSecret === true) seen.secret = true;
        const plain = textOf(found) ?? '';
        return layerOf(found)?.expands === false ? String(escapeVariables(plain)) : plain;
      },
    );
    return {
      ...{ ...inner, value: text },
      ...(seen.secret && { isSecret: true }),
      ...(seen.unknown && { isUnknown: true }),
    };
  };
  const inPlaceOf = (inner: Scalar, name: string): Scalar => {
    const found = value(name, inner);
    if (found === null || found.isUnknown === true) {
      return { kind: 'scalar', value: null, isUnknown: true, span: inner.span };
    }
    const { document } = context;
    const use = layerOf(inner);
    const from = layerOf(found) ?? { source: document, expands: document.expands, dir: null, via: [] };
    const at = placeText(document, inner.span);
    const layer = {
      ...from,
      dir: use?.dir ?? null,
      via: [{ by: `vars.${name}`, at }, ...from.via, ...(use?.via ?? [])],
    };
    return {
      ...{ ...found, span: placeIn(found.span, layer) },
      ...(inner.over !== undefined && { over: inner.over }),
    };
  };
  const value = (name: string, use: Scalar): Scalar | null => {
    const known = settled.get(name);
    if (known !== undefined) return known;
    const written = vars.get(name);
    const reference = `\${vars.${name}`;
    if (written === undefined) {
      const hint = didYouMean(name, [...vars.keys()]) ?? unknownHint(name, vars);
      const message = `the file has no variable ${JSON.stringify(name)} under \`vars\``;
      refuse(use, reference, { code: 'CONFIG_UNKNOWN_VAR', message, hint });
      return null;
    }
    if (written.isUnknown === true) return written;
    if (written.value === null) {
      const message = `the variable ${name} has no value`;
      const hint = `give it with --var ${name}=VALUE, or write it under \`vars\``;
      const details = [`declared at ${placeText(context.document, written.span)}`];
      refuse(use, reference, { code: 'CONFIG_UNSET_VARIABLE', message, hint, details });
      return null;
    }
    if (open.includes(name)) {
      const circle = [...open.slice(open.indexOf(name)), name].join(' → ');
      refuse(use, reference, {
        code: 'CONFIG_VAR_CYCLE',
        message: `variables refer to each other: ${circle}`,
      });
      return null;
    }
    open.push(name);
    const given = scalar(written);
    open.pop();
    const made: Scalar = isSecret(name) ? { ...given, isSecret: true } : given;
    settled.set(name, made);
    return made;
  };
  const refuse = (
    at: Scalar,
    reference: string,
    what: Pick<Failure, 'code' | 'message' | 'hint' | 'details'>,
  ): void => {
    const place = referencePlace(reference, at.span, context.document.text);
    context.failures.push(failureAt(context.document, place, what));
  };
  return convert;
}

function unknownHint(name: string, vars: Vars): string {
  const known = [...vars.keys()];
  return known.length === 0
    ? `declare it: \`vars: { ${name}: VALUE }\`; a variable of the environment is \${NAME}`
    : `known are ${known.slice(0, 20).join(', ')}`;
}
