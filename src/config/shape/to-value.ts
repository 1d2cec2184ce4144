import type { Failure } from '../../lib/failure.ts';
import { REDACTED } from '../../spec/secrets/redact.ts';
import { readShellLine } from '../../spec/commands/shell-line.ts';
import { expandVariables, type Expansion, type VariableProblem } from '../../spec/variables.ts';
import { LIMITS } from '../read/limits.ts';
import { referencePlace } from '../read/reference-place.ts';
import { tooMuch } from '../read/source-failures.ts';
import { failureAt, type SourceDocument, type Place, type SourceNode } from '../read/source.ts';

export interface DocumentValue {
  readonly value: unknown;
  readonly failures: readonly Failure[];
  readonly warnings: readonly Failure[];
}

interface Work {
  readonly document: SourceDocument;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly shellLines: ReadonlySet<SourceNode>;
  readonly failures: Failure[];
  readonly warnings: Failure[];
  /** What is left of the limits; aliases are counted as often as they appear. */
  values: number;
  characters: number;
}

/** Root keys whose contents are not read: they may hold the `${...}` of another program. */
const OPAQUE = /^(?:deploy|x-.*)$/;

/** The plain value of a document, with variables expanded but in `shellLines`. Nothing in it is shared. */
export function toValue(
  document: SourceDocument,
  environment: Readonly<Record<string, string | undefined>>,
  shellLines: ReadonlySet<SourceNode>,
): DocumentValue {
  const work: Work = {
    document,
    environment,
    shellLines,
    failures: [],
    warnings: [],
    values: LIMITS.values,
    characters: LIMITS.characters,
  };
  const value = convert(document.root, work, true);
  if (work.values < 0 || work.characters < 0) {
    return { value: null, failures: [tooMuch(document)], warnings: [] };
  }
  return { value, failures: work.failures, warnings: work.warnings };
}

function convert(node: SourceNode, work: Work, isRoot: boolean): unknown {
  work.values -= 1;
  if (work.values < 0 || work.characters < 0) return null;
  switch (node.kind) {
    case 'scalar':
      return typeof node.value === 'string' ? convertText(node.value, node, work) : node.value;
    case 'list':
      if (node.appends === true) refuse(nothingBelow(node, work), work);
      return node.items.map((item) => convert(item, work, false));
    case 'map':
      return Object.fromEntries(
        [...node.entries].map(([key, entry]) => [
          key,
          isRoot && OPAQUE.test(key) ? {} : convert(entry.value, work, false),
        ]),
      );
  }
}

function convertText(text: string, node: SourceNode, work: Work): string {
  const { span } = node;
  const { text: expanded, problems } = expansion(text, node, work);
  for (const problem of problems) report(problem, span, work);
  if (expanded.includes(REDACTED)) {
    const message = `${REDACTED} stands for a secret that was not shown`;
    const hint = 'put the secret back, or print the file with `stateward get -o yaml --show-secrets`';
    refuse(failureAt(work.document, span, { code: 'CONFIG_BAD_VALUE', message, hint }), work);
  }
  work.characters -= expanded.length;
  return expanded;
}

function nothingBelow({ span }: SourceNode, { document }: Work): Failure {
  const message = '!append adds to a list, and there is none below this one';
  const hint =
    'leave !append out; it is for a file that is merged over another (--merge), and for what an app extends or has from `defaults`';
  return failureAt(document, span, { code: 'CONFIG_MERGE', message, hint });
}

function refuse(failure: Failure, { failures }: Work): void {
  if (failures.length < LIMITS.failures) failures.push(failure);
}

function expansion(text: string, node: SourceNode, { document, environment, shellLines }: Work): Expansion {
  const expands = node.span?.from?.expands ?? document.expands;
  if (!expands) return { text, problems: [] };
  if (shellLines.has(node)) return { text: readShellLine(text), problems: [] };
  return expandVariables(text, environment);
}

function report(problem: VariableProblem, span: Place, work: Work): void {
  const { name, kind, message } = problem;
  const list = kind === 'unset' ? work.warnings : work.failures;
  if (list.length >= LIMITS.failures) return;
  const place = referencePlace(`\${${name}`, span, work.document.text);
  const at = (what: { code: Failure['code']; message: string; hint?: string }): Failure =>
    failureAt(work.document, place, what);
  if (kind === 'malformed') {
    const hint = 'write ${NAME}, ${NAME:-default} or ${NAME:?message}; $$ is a plain $';
    list.push(at({ code: 'CONFIG_SYNTAX', message: 'this is not a reference to a variable', hint }));
  } else if (kind === 'required') {
    const text = `the variable ${name} is not set${message === '' ? '' : `: ${message}`}`;
    list.push(at({ code: 'CONFIG_UNSET_VARIABLE', message: text, hint: `set ${name} for this command` }));
  } else {
    const text = `the variable ${name} is not set: nothing is put in its place`;
    const hint = `write \${${name}:-default} or \${${name}:?message}; $$ is a plain $`;
    list.push(at({ code: 'CONFIG_UNSET_VARIABLE', message: text, hint }));
  }
}
