import { join } from 'node:path';
import { unwrittenText } from '../../../api/contract/unwritten-text.ts';
import { checkHome } from '../../../home/check.ts';
import { whoCanReplace } from '../../../home/parents.ts';
import { unsafeInside } from '../../../home/tighten.ts';
import { count, formatMemory } from '../../views/text/quantities.ts';
import { fail, failed, named, ok, skip, warn, type Check, type Finding } from '../check.ts';
import { nearestFolder, type DoctorFacts } from '../facts.ts';
import type { Host } from '../host.ts';

const MB = 1024 * 1024;
const DISK_WARN_BYTES = 512 * MB;
const DISK_FAIL_BYTES = 32 * MB;
const FILES_WARN = 10_000;
const FILES_FAIL = 100;
/** A folder of logs with more than this many files is not counted to its end. */
const COUNTED_FILES = 5_000;

/** File systems of the network, by their type in statfs(2): locks and FIFOs of one host mean nothing to another. */
const NETWORK: Readonly<Record<number, string>> = {
  0x6969: 'NFS',
  0x517b: 'SMB',
  0xff534d42: 'CIFS',
  0xfe534d42: 'SMB',
  0x01021997: '9p',
  0x00c36400: 'Ceph',
  0x0bd00bd0: 'Lustre',
  0x5346414f: 'AFS',
  0x01161970: 'GFS2',
  0x7461636f: 'OCFS2',
};

export const HOME_CHECKS: readonly Check[] = [
  { name: 'home', run: home },
  { name: 'file system', run: fileSystem },
  { name: 'disk', run: disk },
  { name: 'inodes', run: inodes },
  { name: 'state', run: state },
  { name: 'logs', run: logs },
  { name: 'temp', run: temp },
];

function home({ paths }: DoctorFacts): Finding {
  const unsafe = checkHome(paths.home) ?? unsafeInside(paths);
  if (unsafe !== null) return failed(unsafe);
  const replaceable = whoCanReplace(paths.home);
  if (replaceable === null) return ok(paths.home);
  return warn(replaceable, 'choose a home in a folder of your own with STATEWARD_HOME');
}

function fileSystem({ paths, host }: DoctorFacts): Finding {
  const folder = nearestFolder(paths.home, host);
  const why = host.whyReadOnly(folder);
  if (why === 'EROFS') {
    return fail(`${folder} is on a file system that is read-only`, 'remount it, or choose another --home');
  }
  const type = host.space(folder)?.type;
  const network = type === undefined ? undefined : NETWORK[type >>> 0];
  if (network === undefined) return ok('local');
  return warn(
    `${folder} is on ${network}: locks there do not keep a second host from starting the same daemon`,
    'put the home on a local disk: --home or STATEWARD_HOME',
  );
}

function disk({ paths, host }: DoctorFacts): Finding {
  const folder = nearestFolder(paths.home, host);
  const free = host.space(folder)?.freeBytes;
  if (free === undefined) return skip(`how much is free at ${folder} cannot be read`);
  const message = `${formatMemory(free)} free at ${folder}`;
  const hint = 'free some space: logs and state are written there';
  if (free < DISK_FAIL_BYTES) return fail(message, hint);
  return free < DISK_WARN_BYTES ? warn(message, hint) : ok(message);
}

function inodes({ paths, host }: DoctorFacts): Finding {
  const space = host.space(nearestFolder(paths.home, host));
  if (space === null || space.files === 0) return skip('the file system has no bound of its own');
  const message = `${space.freeFiles} files can still be made`;
  const hint = 'remove files that nobody needs: find where they are with du --inodes';
  if (space.freeFiles < FILES_FAIL) return fail(message, hint);
  return space.freeFiles < FILES_WARN ? warn(message, hint) : ok(message);
}

/** What was set aside because it could not be read is kept for a person to look at, and for nobody else. */
function state({ paths, host, status }: DoctorFacts): Finding {
  if (!status.ok && (status.error.code === 'STATE_UNREADABLE' || status.error.code === 'STATE_NEWER')) {
    return failed(status.error);
  }
  const unwritten = status.ok ? status.value.unwritten : undefined;
  if (unwritten !== undefined) return failed({ message: unwrittenText(unwritten), hint: unwritten.hint });
  if (host.list(paths.state) === null) return skip('nothing was applied yet');
  const why = host.whyReadOnly(paths.state);
  if (why !== null) {
    return fail(
      `nothing can be written to ${paths.state} (${why})`,
      `chown -R and chmod -R u+rwX ${paths.state}`,
    );
  }
  const aside = filesBelow(paths.state, host).filter(({ path }) => /\.corrupt-/.test(path));
  if (aside.length === 0) return ok('readable');
  const names = aside.map(({ path }) => path.slice(paths.state.length + 1));
  return warn(
    `${named(names, 'file')} could not be read and was set aside; the previous version was used`,
    'compare with stateward history, then remove what is set aside',
  );
}

function logs({ paths, host }: DoctorFacts): Finding {
  if (host.list(paths.logs) === null) return skip('no log was written yet');
  const files = filesBelow(paths.logs, host);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const message = `${formatMemory(bytes)} in ${count(files.length, 'file')}`;
  const why = host.whyReadOnly(paths.logs);
  if (why !== null)
    return fail(`nothing can be written to ${paths.logs} (${why})`, `chmod -R u+rwX ${paths.logs}`);
  const free = host.space(paths.logs)?.freeBytes ?? Infinity;
  if (bytes <= free) return ok(message);
  return warn(
    `${message}, and only ${formatMemory(free)} are free`,
    'set log_rotate (size, keep, compress) for the apps that write most, or stateward flush',
  );
}

function temp({ env, host }: DoctorFacts): Finding {
  const folder = env['TMPDIR'] ?? '/tmp';
  if (host.stat(folder)?.isFolder !== true)
    return fail(`${folder} is no folder`, 'set TMPDIR to one that is');
  const why = host.whyReadOnly(folder);
  if (why !== null) return fail(`nothing can be written to ${folder} (${why})`, 'chmod 1777, or set TMPDIR');
  const free = host.space(folder)?.freeBytes ?? Infinity;
  const message = `${folder}, ${formatMemory(free)} free`;
  return free < DISK_FAIL_BYTES ? warn(message, 'apps write there: free some space') : ok(folder);
}

interface Found {
  readonly path: string;
  readonly bytes: number;
}

/** The files of a folder and of those in it, up to a bound. */
function filesBelow(folder: string, host: Host): readonly Found[] {
  const found: Found[] = [];
  const open = [folder];
  for (let next = open.pop(); next !== undefined && found.length < COUNTED_FILES; next = open.pop()) {
    for (const name of host.list(next) ?? []) {
      const path = join(next, name);
      const stat = host.stat(path);
      if (stat?.isFolder === true) open.push(path);
      else if (stat !== null) found.push({ path, bytes: stat.bytes });
    }
  }
  return found;
}
