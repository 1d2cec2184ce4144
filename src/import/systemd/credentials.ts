import { isAbsolute } from 'node:path';
import type { AppBuilder } from '../model/build-app.ts';
import { variableName } from '../model/variable-name.ts';
import type { Unit } from './unit.ts';

/** Keys of `[Service]` that give a service credentials, see systemd.exec(5). */
export const CREDENTIAL_KEYS: ReadonlySet<string> = new Set([
  ...['LoadCredential', 'LoadCredentialEncrypted', 'SetCredential', 'SetCredentialEncrypted'],
  'ImportCredential',
]);

interface Credential {
  readonly key: string;
  readonly id: string;
  /** A path, or the value itself; empty: systemd looks for it. */
  readonly rest: string;
}

function credentialsOf({ entries }: Unit): readonly Credential[] {
  return entries.flatMap(({ section, key, value }) => {
    if (section !== 'Service' || !CREDENTIAL_KEYS.has(key)) return [];
    const at = value.indexOf(':');
    return [{ key, id: at === -1 ? value : value.slice(0, at), rest: at === -1 ? '' : value.slice(at + 1) }];
  });
}

/** A file of this host, and not a socket or an encrypted one. */
function isFile({ key, rest }: Credential): boolean {
  return key === 'LoadCredential' && isAbsolute(rest) && !rest.includes('%');
}

/** The unit with the files themselves in the place of those that systemd would copy: `%d/db` is `/etc/secrets/db`. */
export function withCredentialFiles(unit: Unit): Unit {
  const files = credentialsOf(unit).filter(isFile);
  if (files.length === 0) return unit;
  const paths = new Map(files.map(({ id, rest }) => [id, rest]));
  const pattern = /(?:%d|\$\{CREDENTIALS_DIRECTORY\}|\$CREDENTIALS_DIRECTORY)\/([\w.@-]+)/g;
  const entries = unit.entries.map((entry) =>
    CREDENTIAL_KEYS.has(entry.key)
      ? entry
      : { ...entry, value: entry.value.replace(pattern, (whole, id: string) => paths.get(id) ?? whole) },
  );
  return { ...unit, entries };
}

/** What becomes of the credentials of a unit. `before`: the unit as it is written. */
export function credentials(app: AppBuilder, unit: Unit, before: Unit): void {
  for (const credential of credentialsOf(unit)) {
    const { key, id, rest } = credential;
    const name = variableName(id);
    if (isFile(credential)) {
      if (isNamed(id, before)) {
        app.advice(
          `${rest} is read where it lies, and not from a copy: the user of the app has to be allowed to`,
        );
      } else {
        app.source(name, { from_file: rest });
        app.differs(
          'env',
          `${key}=${id}: the program got a file in $CREDENTIALS_DIRECTORY; here ${name} holds what ${rest} says`,
        );
      }
    } else if (key === 'SetCredential' && rest !== '') {
      app.secret(name, rest);
      app.differs(
        'env_file',
        `SetCredential=${id}: the program got a file in $CREDENTIALS_DIRECTORY; here it is the variable ${name}`,
      );
    } else if (key === 'ImportCredential' || id === '' || key === 'SetCredential') {
      app.unmapped(
        key,
        id,
        'name each: env: {NAME: {from_credential: ID}}, and LoadCredential=ID in the unit of the daemon',
      );
    } else {
      app.source(name, { from_credential: id });
      const where =
        key === 'SetCredentialEncrypted'
          ? `${key}=${id}:...`
          : `${key}=${id}${rest === '' ? '' : `:${rest}`}`;
      app.differs('env', `${name}: write ${where} into the unit of the daemon (systemctl edit stateward)`);
    }
  }
}

/** Whether something else in the unit says where the program finds it. */
function isNamed(id: string, unit: Unit): boolean {
  const path = new RegExp(
    `(?:%d|\\$\\{?CREDENTIALS_DIRECTORY\\}?)/${id.replace(/[.]/g, '\\$&')}(?![\\w.@-])`,
  );
  return unit.entries.some(({ key, value }) => !CREDENTIAL_KEYS.has(key) && path.test(value));
}
