/** One process, as /proc/<pid>/stat tells of it. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** In clock ticks since the boot; with the pid it names one process for good. */
  readonly startTime: string;
  /** Processor time used so far, user and system, in clock ticks. */
  readonly ticks: number;
  /** Resident pages. */
  readonly pages: number;
}

/** Fields of /proc/pid/stat behind the command, which may itself hold blanks and brackets: counted from state, 0. */
const FIELDS = { state: 0, parent: 1, session: 3, userTicks: 11, systemTicks: 12, startTime: 19, pages: 21 };

/** Reads the text of /proc/<pid>/stat; null for a zombie, which has no memory, and for what cannot be read. */
export function parseStat(pid: number, text: string): ProcessRow | null {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ', FIELDS.pages + 1);
  const state = fields[FIELDS.state];
  const startTime = fields[FIELDS.startTime];
  if (startTime === undefined || state === 'Z' || state === 'X') return null;
  return {
    pid,
    parent: Number(fields[FIELDS.parent]),
    session: Number(fields[FIELDS.session]),
    startTime,
    ticks: Number(fields[FIELDS.userTicks]) + Number(fields[FIELDS.systemTicks]),
    pages: Number(fields[FIELDS.pages]),
  };
}

/**
 * The processes of each root: those of its session, and its descendants. A root leads a session of its own, so the
 * session also holds those whose parent has ended; descent also holds those that began a session of their own.
 */
export function processTrees(
  roots: readonly number[],
  rows: readonly ProcessRow[],
): ReadonlyMap<number, readonly ProcessRow[]> {
  const byPid = new Map(rows.map((row) => [row.pid, row]));
  const rootOf = new Map<number, number | null>(roots.map((pid) => [pid, pid]));
  const find = (pid: number): number | null => {
    const known = rootOf.get(pid);
    if (known !== undefined) return known;
    // Ends a walk in a circle, which a snapshot taken row by row may hold.
    rootOf.set(pid, null);
    const row = byPid.get(pid);
    const root =
      row === undefined ? null : rootOf.get(row.session) === row.session ? row.session : find(row.parent);
    rootOf.set(pid, root);
    return root;
  };
  const trees = new Map<number, ProcessRow[]>();
  for (const row of rows) {
    const root = find(row.pid);
    if (root === null) continue;
    const tree = trees.get(root);
    if (tree === undefined) trees.set(root, [row]);
    else tree.push(row);
  }
  return trees;
}
