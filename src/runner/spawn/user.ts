import { readFile } from 'node:fs/promises';

/** Who a process is to run as. */
export interface TargetUser {
  readonly uid: number;
  readonly gid: number;
  /** Null for a bare number that no account has: such a process gets no supplementary groups. */
  readonly account: { readonly name: string; readonly home: string } | null;
}

export interface UserRequest {
  readonly uid: string | number | null;
  readonly gid: string | number | null;
}

export interface CurrentUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Finds out who a process is to run as; null: as we do. Throws an Error that says what is wrong with the request:
 * only root may name another user, an unknown name is refused, and a bare uid needs a gid.
 */
export async function resolveUser(request: UserRequest, current: CurrentUser): Promise<TargetUser | null> {
  if (request.uid === null && request.gid === null) return null;
  const accounts = await readTable('/etc/passwd');
  const account = findEntry(accounts, request.uid ?? current.uid);
  const uid = idOf(request.uid, account, current.uid, 'user');
  const group = request.gid === null ? undefined : findEntry(await readTable('/etc/group'), request.gid);
  const gid =
    request.gid === null ? groupOf(account, request.uid) : idOf(request.gid, group, current.gid, 'group');
  if (uid === current.uid && gid === current.gid) return null;
  if (current.uid !== 0) throw new Error('only root can run a process as another user or group');
  const [name, , , , , home] = account ?? [];
  return { uid, gid, account: name === undefined ? null : { name, home: home ?? '/' } };
}

type Entry = readonly string[];

async function readTable(path: string): Promise<readonly Entry[]> {
  const text = await readFile(path, 'utf8');
  return text.split('\n').map((line) => line.split(':'));
}

/** Both tables have the name first and the number third. */
function findEntry(table: readonly Entry[], wanted: string | number): Entry | undefined {
  const byName = table.find(([name]) => name === wanted);
  if (byName !== undefined) return byName;
  return /^\d+$/.test(String(wanted)) ? table.find(([, , id]) => Number(id) === Number(wanted)) : undefined;
}

function idOf(
  wanted: string | number | null,
  entry: Entry | undefined,
  current: number,
  what: 'user' | 'group',
): number {
  if (wanted === null) return current;
  if (entry !== undefined) return Number(entry[2]);
  if (/^\d+$/.test(String(wanted))) return Number(wanted);
  throw new Error(`there is no ${what} "${wanted}"`);
}

function groupOf(account: Entry | undefined, uid: string | number | null): number {
  if (account === undefined) throw new Error(`there is no account for uid ${uid ?? ''}: name a gid too`);
  return Number(account[3]);
}

/**
 * The ids of an owner and a group, by name or id: the group of an owner that has an account, where none is named. null:
 * neither is. Throws an Error that says what does not exist.
 */
export async function idsOf({
  uid,
  gid,
}: UserRequest): Promise<{ readonly uid: number | null; readonly gid: number | null }> {
  const user = uid === null ? undefined : findEntry(await readTable('/etc/passwd'), uid);
  const group = gid === null ? undefined : findEntry(await readTable('/etc/group'), gid);
  return {
    uid: uid === null ? null : idOf(uid, user, 0, 'user'),
    gid: gid !== null ? idOf(gid, group, 0, 'group') : user === undefined ? null : Number(user[3]),
  };
}
