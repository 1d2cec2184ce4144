import { shortCommit } from '../../lib/commit-hash.ts';
import { dirname } from 'node:path';
import { CodeReader } from '../../code/code-reader.ts';
import { findWorkTree, readHead, type WorkTree } from '../../code/git/work-tree.ts';
import { describeDifference, type Manifest } from '../../code/manifests.ts';
import type { CodeReading, CodeRequest } from '../../code/reading.ts';
import type { AppKey } from '../../lib/app-key.ts';
import { errorMessage } from '../../lib/system-error.ts';
import { codeRunners, oldestCode } from '../../plan/decide/code.ts';
import { codeName, type CodeIdentity } from '../../plan/model/code.ts';
import type { AppTable } from '../../plan/slots/slots.ts';
import type { CodeOnDisk } from '../context/code-book.ts';
import { Checkouts } from './checkout.ts';
import { rebase } from './rebase.ts';

/** The code that lies here, told by the identities of the code that runs on the host. */
export interface CodeHere {
  readonly code: CodeOnDisk;
  /** Identities of the host that mean the same code as here, by app. */
  readonly same: ReadonlyMap<AppKey, ReadonlySet<string>>;
  /** What could not be compared, and why. */
  readonly notes: readonly string[];
}

interface Compared {
  readonly reading: CodeReading;
  readonly identity: CodeIdentity;
  readonly same: ReadonlySet<string>;
  readonly before: ReadonlyMap<string, Manifest>;
}

/**
 * Compares the code of apps here with the commits that their processes run there: each commit is checked out beside this one,
 * and both are read by the same rules. What cannot be compared is left out, and said.
 */
export async function codeHere(
  requests: readonly CodeRequest[],
  tableOf: (key: AppKey) => AppTable,
): Promise<CodeHere> {
  const checkouts = new Checkouts();
  const compared = new Map<AppKey, Compared>();
  const notes = new Set<string>();
  try {
    const readings = await new CodeReader().read(requests);
    for (const request of requests) {
      const { key, spec } = request;
      const runners = codeRunners(tableOf(key)).flatMap(({ code }) => (code === undefined ? [] : [code]));
      const reading = readings.get(key);
      if (spec.code === 'off' || runners.length === 0 || reading === undefined) continue;
      const result =
        'unknown' in reading ? reading.unknown : await compareOne(request, { reading, runners, checkouts });
      if (typeof result === 'string') notes.add(`the code of ${key} was not compared: ${result}`);
      else compared.set(key, result);
    }
  } finally {
    await checkouts.remove();
  }
  return {
    code: onDisk(compared),
    same: new Map([...compared].map(([key, { same }]) => [key, same])),
    notes: [...notes],
  };
}

interface Comparing {
  readonly reading: CodeReading;
  readonly runners: readonly CodeIdentity[];
  readonly checkouts: Checkouts;
}

async function compareOne(
  request: CodeRequest,
  { reading, runners, checkouts }: Comparing,
): Promise<Compared | string> {
  const workTree = findWorkTree(dirname(request.files[0] ?? request.spec.cwd));
  if (workTree === null) return 'this is no checkout of git';
  const before = new Map<string, Manifest>();
  const same = new Set<string>();
  for (const runner of runners) {
    if (before.has(runner.id)) continue;
    if (runner.commit === undefined) return 'its processes run code of no commit';
    if (runner.dirty === true)
      return `its processes run changes on top of ${codeName(runner)} that are in no commit`;
    const manifest = await manifestAt(runner.commit, request, { workTree, checkouts });
    if (typeof manifest === 'string') return manifest;
    before.set(runner.id, manifest);
    if (isSame(manifest, reading) && runner.version === reading.identity.version) same.add(runner.id);
  }
  const [known] = same;
  const { aside: _aside, read: _read, ...found } = reading.identity;
  const head = found.commit === undefined ? { commit: readHead(workTree).commit } : {};
  return {
    reading,
    identity: { ...found, ...(head.commit != null && { commit: head.commit }), id: known ?? found.id },
    same,
    before,
  };
}

/** What counts of the app's code at a commit, or why it is not known. */
async function manifestAt(
  commit: string,
  request: CodeRequest,
  { workTree, checkouts }: { readonly workTree: WorkTree; readonly checkouts: Checkouts },
): Promise<Manifest | string> {
  try {
    const folder = await checkouts.of(workTree, commit);
    if (folder === null) {
      return `this clone does not have ${shortCommit(commit)}, which its processes run (fetch-depth: 0 of actions/checkout, GIT_DEPTH: 0 of GitLab fetch all commits)`;
    }
    const moved = rebase(request, [{ here: workTree.root, there: folder }]);
    const reading = (await new CodeReader().read([moved])).get(request.key);
    if (reading === undefined || 'unknown' in reading) return reading?.unknown ?? 'it could not be read';
    if (reading.files.size === 0)
      return `nothing of it is in ${shortCommit(commit)}: it is built or kept elsewhere`;
    return { files: reading.files, place: '' };
  } catch (error) {
    return `git could not check out ${shortCommit(commit)}: ${errorMessage(error)}`;
  }
}

function isSame({ files }: Manifest, { files: here }: CodeReading): boolean {
  return files.size === here.size && [...files].every(([path, content]) => here.get(path) === content);
}

function onDisk(compared: ReadonlyMap<AppKey, Compared>): CodeOnDisk {
  return {
    identities: new Map([...compared].map(([key, { identity }]) => [key, identity])),
    changeOf: (key, runners) => {
      const one = compared.get(key);
      const before = one === undefined ? undefined : oldestCode(runners, one.identity);
      if (one === undefined || before === undefined) return undefined;
      const note = describeDifference(one.before.get(before.id) ?? null, {
        files: one.reading.files,
        place: '',
      });
      return { before, after: one.identity, note };
    },
    asideOf: () => undefined,
    filesChanged: () => '',
    rotationsToRead: () => [],
    secretProblems: new Map(),
    limits: new Map(),
  };
}
