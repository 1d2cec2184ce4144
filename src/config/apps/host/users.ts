import type { Disk } from '../inspect.ts';

export interface UserProblem {
  readonly field: 'uid' | 'gid';
  readonly message: string;
  readonly hint: string;
}

/** Numbers by name, of a table of the host. */
type Table = ReadonlyMap<string, number>;

/** Why an app cannot run as this user and group on this host; null when it can, or when that is not known. */
export function userProblem(
  { uid, gid }: { readonly uid: string | number | null; readonly gid: string | number | null },
  { read }: Pick<Disk, 'read'>,
  current: { readonly uid: number } | null = ourselves(),
): UserProblem | null {
  if (uid === null && gid === null) return null;
  const users = readTable('/etc/passwd', read);
  const groups = readTable('/etc/group', read);
  if (users === null || groups === null) return null;
  const user = uid === null ? null : numberOf(uid, users);
  if (user === undefined) {
    const hint = 'make the user (useradd --system), or mend the name';
    return { field: 'uid', message: `this host has no user ${JSON.stringify(uid)}`, hint };
  }
  if (gid !== null && numberOf(gid, groups) === undefined) {
    const hint = 'make the group (groupadd --system), or mend the name';
    return { field: 'gid', message: `this host has no group ${JSON.stringify(gid)}`, hint };
  }
  if (user !== null && gid === null && ![...users.values()].includes(user)) {
    return {
      field: 'uid',
      message: `this host has no account for the number ${user}`,
      hint: 'name a `gid` too',
    };
  }
  if (current === null || current.uid === 0 || user === current.uid) return null;
  const hint = 'start the daemon as root, or leave it out to run as the user of the daemon';
  return { field: uid === null ? 'gid' : 'uid', message: 'only root can run an app as somebody else', hint };
}

/** Who a Unix socket cannot be given to on this host, since nobody is called so; null: that is as it should be, or not known. */
export function ownerProblem(
  { user, group }: { readonly user: string | number | null; readonly group: string | number | null },
  { read }: Pick<Disk, 'read'>,
): { readonly field: 'user' | 'group'; readonly message: string; readonly hint: string } | null {
  const isUnknown = (name: string | number | null, path: string): boolean => {
    const table = name === null ? null : readTable(path, read);
    return name !== null && table !== null && numberOf(name, table) === undefined;
  };
  const field = isUnknown(user, '/etc/passwd') ? 'user' : isUnknown(group, '/etc/group') ? 'group' : null;
  if (field === null) return null;
  return {
    field,
    message: `this host has no ${field} ${JSON.stringify(field === 'user' ? user : group)}`,
    hint: `make the ${field} (${field}add --system), or mend the name`,
  };
}

function ourselves(): { readonly uid: number } | null {
  const uid = process.getuid?.();
  return uid === undefined ? null : { uid };
}

function numberOf(wanted: string | number, table: Table): number | undefined {
  return table.get(String(wanted)) ?? (/^\d+$/.test(String(wanted)) ? Number(wanted) : undefined);
}

function readTable(path: string, read: Disk['read']): Table | null {
  const found = read(path);
  if (!('bytes' in found)) return null;
  const lines = found.bytes.toString('utf8').split('\n');
  return new Map(lines.map((line) => line.split(':')).map(([name = '', , id]) => [name, Number(id)]));
}
