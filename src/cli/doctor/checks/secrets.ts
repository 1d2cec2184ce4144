import type { App } from '../../../api/contract/wire/apps.ts';
import { appKey } from '../../../lib/app-key.ts';
import { describeSource } from '../../../spec/secrets/variable-source.ts';
import { fail, named, ok, skip, warn, type Check, type Finding } from '../check.ts';
import type { DoctorFacts } from '../facts.ts';

export const SECRET_CHECKS: readonly Check[] = [
  { name: 'secrets', run: secrets },
  { name: 'secret files', run: secretFiles },
  { name: 'secret key', run: secretKey },
];

const OTHERS = 0o077;
const ALL = 0o004;

type Source = NonNullable<App['spec']>['env_from'][string];

interface Variable {
  readonly app: string;
  readonly name: string;
  readonly source: Source;
}

/** Variables that are read from elsewhere; a daemon of an older version does not say. */
function variables({ apps }: DoctorFacts): readonly Variable[] {
  return (apps ?? []).flatMap(({ project, name: app, spec }) =>
    Object.entries((spec as Partial<NonNullable<App['spec']>> | null)?.env_from ?? {}).map(
      ([name, source]) => ({
        ...{ app: appKey(project, app), name, source },
      }),
    ),
  );
}

const NOTHING = 'no variable is read from elsewhere';

/** What a start would fail for: as the daemon has found, and programs that are not there. */
function secrets(facts: DoctorFacts): Finding {
  const all = variables(facts);
  if (all.length === 0) return skip(NOTHING);
  const unread = (facts.apps ?? []).flatMap(({ project, name, status }) =>
    (status.problems ?? [])
      .filter(({ reason }) => reason === 'SecretUnresolved')
      .map(({ message }) => `${appKey(project, name)}: ${message}`),
  );
  const [first, ...more] = unread;
  if (first !== undefined) {
    const others = more.length === 0 ? '' : ` (and ${more.length} more apps)`;
    return fail(`${first}${others}`, 'the next start of the app fails until then; what runs goes on');
  }
  const missing = all.filter(({ source }) => {
    const program = programOf(source);
    return program !== null && !isThere(program, facts);
  });
  const [lost] = missing;
  if (lost !== undefined) {
    const programs = [...new Set(missing.map(({ source }) => programOf(source) ?? ''))];
    const hint =
      lost.source.from_sops === undefined
        ? 'install it where the PATH of the daemon leads, or name it by its whole path'
        : 'install sops (getsops/sops) where the PATH of the daemon leads; for age keys, set SOPS_AGE_KEY_FILE in the unit of the daemon';
    return fail(
      `${lost.app}: ${lost.name} (${describeSource(lost.source)}): not found: ${programs.join(', ')}`,
      hint,
    );
  }
  return ok(
    named([...new Set(all.map(({ app }) => app))], 'app reads its secrets', 'apps read their secrets'),
  );
}

/** As it is looked for: a path with a folder is relative to the app, and the app says itself when it is not there. */
function programOf({ from_exec, from_sops }: Source): string | null {
  const program = from_sops === undefined ? from_exec?.[0] : 'sops';
  return program === undefined || (program.includes('/') && !program.startsWith('/')) ? null : program;
}

function isThere(program: string, { searchPath, host }: DoctorFacts): boolean {
  if (program.startsWith('/')) return host.isExecutable(program);
  return searchPath.some((folder) => host.isExecutable(`${folder}/${program}`));
}

/** Who can read the files that hold them. */
function secretFiles(facts: DoctorFacts): Finding {
  const files = [...new Set(variables(facts).flatMap(({ source: { from_file } }) => from_file ?? []))];
  if (files.length === 0) return skip('no variable is read from a file');
  const open = files.filter((file) => ((facts.host.stat(file)?.mode ?? 0) & ALL) !== 0);
  if (open.length === 0) return ok(`${named(files, 'file')}, closed to other users`);
  return warn(`every user can read ${named(open, 'file')}`, `chmod 600 ${open.slice(0, 5).join(' ')}`);
}

/** Without it, or with one that others know, a rotation is not seen, and values could be guessed from what is kept of them. */
function secretKey(facts: DoctorFacts): Finding {
  const { paths, host, uid, status } = facts;
  if (variables(facts).length === 0) return skip(NOTHING);
  const stat = host.stat(paths.secretKey);
  const again = status.ok
    ? 'stateward daemon stop, and daemon start (apps keep running),'
    : 'the next start of the daemon';
  if (stat === null) {
    const told = `${paths.secretKey} is not there: processes that run cannot be compared with their secrets`;
    return warn(told, `${again} makes another; stateward restart reads the secrets again`);
  }
  if (stat.uid !== undefined && stat.uid !== uid && uid !== 0)
    return skip(`${paths.secretKey} is another user's`);
  if (((stat.mode ?? 0) & OTHERS) === 0) return ok(paths.secretKey);
  const told = `others can read ${paths.secretKey}, so that secrets could be guessed from what is kept of them`;
  return fail(
    told,
    `rm ${paths.secretKey}: ${again} makes another; stateward restart reads the secrets again`,
  );
}
