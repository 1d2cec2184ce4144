import { sameValue } from '../../lib/values/same-value.ts';
import { specDefault } from '../../spec/defaults.ts';
import { SPEC_FIELDS } from '../../spec/generated/spec-defaults.ts';
import type { AppSpec } from '../../spec/types.ts';
import { error, warning, type Finding } from './rendered.ts';

/** What a target does with one field of an app. `A`: all that it knows of the app. */
export interface FieldRule<A> {
  readonly how: 'mapped' | 'met' | 'lost' | 'refused';
  /** What becomes of it, for the table of the docs. */
  readonly says: string;
  readonly findings: (app: A) => readonly Finding[];
}

/** Every field has its rule: one that is added to the schema does not compile until each target says what becomes of it. */
export type FieldRules<A> = { readonly [F in keyof Required<AppSpec>]: FieldRule<A> };

type Rule = FieldRule<{ readonly spec: AppSpec }>;

/** It is in what is rendered; `findings` says where that is not the same. */
export function mapped<A>(to: string, findings: (app: A) => readonly Finding[] = () => []): FieldRule<A> {
  return { how: 'mapped', says: to, findings };
}

/** There is nothing to do for it: what it says holds there, or says nothing about a process. */
export function met(why: string): Rule {
  return { how: 'met', says: why, findings: () => [] };
}

/** Declared, it means nothing there. */
export function lost(field: keyof AppSpec, message: string, hint?: string): Rule {
  return {
    how: 'lost',
    says: `warning: ${message}`,
    findings: ({ spec }) => (isDeclared(spec, field) ? [warning(field, message, hint)] : []),
  };
}

/** Declared, it is refused: nothing there can mean the same. */
export function refused(field: keyof AppSpec, message: string, hint?: string): Rule {
  return {
    how: 'refused',
    says: `error: ${message}`,
    findings: ({ spec }) => (isDeclared(spec, field) ? [error(field, message, hint)] : []),
  };
}

/** Whether a field says something else than it does when nobody has written it. */
export function isDeclared(spec: AppSpec, field: keyof AppSpec): boolean {
  return spec[field] !== undefined && !sameValue(spec[field], specDefault(field));
}

/** All that a target says of an app, in the order of the fields. */
export function findingsBy<A>(rules: FieldRules<A>, app: A): readonly Finding[] {
  return [...SPEC_FIELDS, 'image' as const, 'umask' as const].flatMap((field) => rules[field].findings(app));
}
