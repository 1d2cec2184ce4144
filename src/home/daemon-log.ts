import { fchmodSync, fstatSync, openSync } from 'node:fs';

/** Opens daemon.log of a home to append to, for its owner alone, whatever the umask is and whoever made it. */
export function openDaemonLog(path: string): number {
  const fd = openSync(path, 'a', 0o600);
  const stats = fstatSync(fd);
  const isOurs = stats.isFile() && (process.getuid === undefined || stats.uid === process.getuid());
  if (isOurs && (stats.mode & 0o777) !== 0o600) fchmodSync(fd, 0o600);
  return fd;
}
