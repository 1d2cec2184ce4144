import type { AppKey } from '../../lib/app-key.ts';
import { appKey } from '../../lib/app-key.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';
import { isSecretName } from '../../spec/secrets/secret-names.ts';
import { redactSpec, redactorOf, redactText, REDACTED } from '../../spec/secrets/redact.ts';
import type { AppSpec } from '../../spec/types.ts';
import type { AppHistory, AppRecord, ProjectRecord } from '../../state/model/types.ts';

/** Left out: no plan is made of it, and it may tell what is nobody's business. */
const LEFT_OUT = new Set([
  ...['pid', 'mainPid', 'leftBehind', 'logLines', 'lines', 'confirmation', 'outcomes', 'notify', 'problems'],
  ...['secrets', 'readSecrets', 'readFrom'],
]);
/** Hashes over a spec with its secrets: a short secret could be guessed from one. */
const HASHES = new Set(['templateHash', 'lastTemplateHash']);
/** What processes carry as their mark: whoever knows one could pass for one. */
const NONCES = new Set(['nonce', 'lastNonce']);

type Text = (text: string) => string;

/** Takes secrets, marks of processes and what is not needed out of the state of one host. The same gets the same name. */
export class StateRedactor {
  readonly #names = new Map<string, string>();
  readonly #texts = new Map<AppKey, Text>();

  project(record: ProjectRecord): Readonly<Record<string, unknown>> {
    const { project, apps, ...rest } = record;
    const shown = Object.entries(apps).map(([name, app]) => {
      const key = appKey(project, name);
      this.#texts.set(key, redactorOf(app.spec));
      return [name, this.#app(key, app)] as const;
    });
    return {
      project,
      ...this.#clean(rest, { key: null, text: redactText }),
      apps: Object.fromEntries(shown),
    };
  }

  /** After the projects, whose secrets are taken out of what was said about their apps. */
  history(history: AppHistory): Readonly<Record<string, unknown>> {
    return this.#clean(history, this.#of(history.key));
  }

  instance(instance: ObservedInstance): Readonly<Record<string, unknown>> {
    return { ...this.#clean(instance, this.#of(instance.key)), pid: null };
  }

  #app(key: AppKey, { spec, ...rest }: AppRecord): Readonly<Record<string, unknown>> {
    return { ...this.#clean(rest, this.#of(key)), spec: redactSpec(spec) };
  }

  #of(key: AppKey): Cleaning {
    return { key, text: this.#texts.get(key) ?? redactText };
  }

  #clean(value: object, how: Cleaning): Readonly<Record<string, unknown>> {
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
        LEFT_OUT.has(name) ? [] : [[name, this.#value(name, inner, how)] as const],
      ),
    );
  }

  #value(name: string, value: unknown, how: Cleaning): unknown {
    if (typeof value === 'string') return this.#string(name, value, how);
    if (Array.isArray(value)) {
      const isNonces = name === 'recentNonces';
      return value.map((item: unknown) => this.#value(isNonces ? 'nonce' : name, item, how));
    }
    if (typeof value !== 'object' || value === null) return value;
    if (name === 'ports') return value;
    if (name === 'spec') return redactSpec(value as AppSpec);
    return this.#clean(value, how);
  }

  #string(name: string, value: string, { key, text }: Cleaning): string {
    if (HASHES.has(name)) return value === '' ? '' : this.#name(`${key ?? ''}#`, value);
    if (NONCES.has(name)) return this.#name('process#', value);
    if (isSecretName(name) && value !== '' && name !== 'key') return REDACTED;
    return text(value);
  }

  #name(prefix: string, value: string): string {
    const whole = `${prefix}${value}`;
    const known = this.#names.get(whole) ?? `${prefix}${this.#names.size + 1}`;
    this.#names.set(whole, known);
    return known;
  }
}

interface Cleaning {
  readonly key: AppKey | null;
  readonly text: Text;
}
