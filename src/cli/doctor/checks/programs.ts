import type { App } from '../../../api/contract/wire/apps.ts';
import { fail, ok, skip, warn, type Check, type Finding } from '../check.ts';
import type { DoctorFacts } from '../facts.ts';

export const PROGRAM_CHECKS: readonly Check[] = [{ name: 'programs', run: programs }];

type Spec = NonNullable<App['spec']>;

interface Need {
  /** What it is for, as the file says it. */
  readonly feature: string;
  /** Whether an app has it; a daemon of an older version does not say. */
  readonly isUsed: (spec: Partial<Spec>) => boolean;
  /** One of them is enough. */
  readonly programs: readonly string[];
  /** What has to be installed. */
  readonly packages: string;
}

const PERL = 'perl (perl-base of Debian, perl-interpreter of Fedora, perl of Alpine)';

/** Programs of the host that features need, which are looked for where the runner looks. */
const NEEDS: readonly Need[] = [
  {
    feature: 'notify',
    isUsed: ({ notify = false }) => notify,
    programs: ['perl', 'python3'],
    packages: `${PERL} or python3`,
  },
  { feature: 'tty', isUsed: ({ tty = false }) => tty, programs: ['perl'], packages: PERL },
  {
    feature: 'uid, gid',
    isUsed: ({ uid, gid }) => (uid ?? null) !== null || (gid ?? null) !== null,
    programs: ['setpriv'],
    packages: 'util-linux',
  },
  {
    feature: 'nice',
    isUsed: ({ nice }) => (nice ?? null) !== null,
    programs: ['nice'],
    packages: 'coreutils',
  },
  {
    feature: 'ionice',
    isUsed: ({ ionice }) => (ionice ?? null) !== null,
    programs: ['ionice'],
    packages: 'util-linux',
  },
  {
    feature: 'rlimits',
    isUsed: ({ rlimits }) => (rlimits ?? null) !== null,
    programs: ['prlimit'],
    packages: 'util-linux',
  },
  {
    feature: 'cpu_affinity',
    isUsed: ({ cpu_affinity: processors }) => (processors ?? null) !== null,
    programs: ['taskset'],
    packages: 'util-linux',
  },
  {
    feature: 'sockets, watchdog, shell lines',
    isUsed: ({ sockets = [], watchdog = null, shell = false }) =>
      sockets.length > 0 || watchdog !== null || shell,
    programs: ['sh'],
    packages: 'a shell (dash, bash or busybox)',
  },
];

const FOLDERS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];

/** What an app asks for and cannot have is wrong now; what one might ask for is worth knowing. */
function programs({ apps, host }: DoctorFacts): Finding {
  if (host.list('/proc') === null) return skip('not used on this system');
  const isThere = (program: string): boolean =>
    FOLDERS.some((folder) => host.isExecutable(`${folder}/${program}`));
  const missing = NEEDS.filter((need) => !need.programs.some(isThere)).map((need) => ({
    ...need,
    users: (apps ?? []).filter(({ spec }) => spec !== null && need.isUsed(spec)),
  }));
  const [first] = missing.toSorted((a, b) => b.users.length - a.users.length);
  if (first === undefined) return ok('everything is there that features need');
  const told = missing.map(({ feature, programs: names }) => `${names.join(' or ')} (${feature})`).join('; ');
  const hint = `install ${[...new Set(missing.map(({ packages }) => packages))].join(', ')}`;
  const [user] = first.users;
  if (user === undefined) return warn(`not found: ${told}`, `${hint}, for apps that use that`);
  const more = first.users.length === 1 ? '' : ` and ${first.users.length - 1} more`;
  return fail(`${user.project}/${user.name}${more} cannot have ${first.feature}: not found: ${told}`, hint);
}
