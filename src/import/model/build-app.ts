import type { Fields, ImportedApp, Note } from './imported.ts';
import { splitSecrets } from './secrets.ts';

/** An app in the making: a converter says what it finds, in any order. */
export class AppBuilder {
  readonly name: string;
  readonly #fields: Record<string, unknown> = {};
  readonly #env: Record<string, string> = {};
  readonly #sources: Record<string, Fields> = {};
  readonly #secrets: Record<string, string> = {};
  readonly #notes: Note[] = [];

  constructor(name: string) {
    this.name = name;
  }

  set(field: string, value: unknown): void {
    if (value !== undefined) this.#fields[field] = value;
  }

  setAll(fields: Fields): void {
    for (const [field, value] of Object.entries(fields)) this.set(field, value);
  }

  env(variables: Readonly<Record<string, string>>): void {
    Object.assign(this.#env, variables);
  }

  /** A variable whose value is read when a process starts: `{from_file: /etc/secrets/db}`. */
  source(name: string, from: Fields): void {
    this.#sources[name] = from;
  }

  /** A variable that is a secret, whatever it is called. */
  secret(name: string, value: string): void {
    this.#secrets[name] = value;
  }

  envFile(path: string): void {
    const before = (this.#fields['env_file'] ?? []) as readonly string[];
    this.#fields['env_file'] = [...before, path];
  }

  get(field: string): unknown {
    return this.#fields[field];
  }

  /** A setting that has no counterpart, with its value. */
  unmapped(key: string, value: unknown, why?: string): void {
    const shown = typeof value === 'string' ? value : JSON.stringify(value);
    this.#notes.push({
      kind: 'unmapped',
      field: null,
      text: `${key}: ${shown}${why === undefined ? '' : ` (${why})`}`,
    });
  }

  differs(field: string | null, text: string): void {
    this.#notes.push({ kind: 'differs', field, text });
  }

  advice(text: string): void {
    this.#notes.push({ kind: 'advice', field: null, text });
  }

  /** `expands`: `${VAR}` in the texts is for stateward to expand. */
  build(expands = false): ImportedApp {
    // A file of variables is not expanded: what refers to another variable stays where it is.
    const isReference = ([, value]: readonly [string, string]): boolean => expands && /\$[${]/.test(value);
    const entries = Object.entries(this.#env);
    const { secrets: found } = splitSecrets(
      Object.fromEntries(entries.filter((entry) => !isReference(entry))),
    );
    const secrets = { ...found, ...this.#secrets };
    const plain = entries.filter(([name]) => !Object.hasOwn(secrets, name));
    const env = { ...Object.fromEntries(plain), ...this.#sources };
    const files = this.#fields['env_file'];
    const [only, ...more] = Array.isArray(files) ? (files as readonly unknown[]) : [];
    return {
      name: this.name,
      fields: {
        ...this.#fields,
        ...(only !== undefined && more.length === 0 && { env_file: only }),
        ...(Object.keys(env).length > 0 && { env }),
      },
      notes: this.#notes,
      secrets,
      ...(expands && { expands: true as const }),
    };
  }
}
