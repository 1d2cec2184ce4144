import type { UnwrittenInfo } from './wire/daemon.ts';

/** What is not on disk yet, why, and what a restart of the controller would bring; the hint is not part of it. */
export function unwrittenText({ file, reason, since, apps }: UnwrittenInfo): string {
  const after = apps
    .filter(({ instances, instancesAfterRestart }) => instances !== instancesAfterRestart)
    .map(({ app, instances, instancesAfterRestart: later }) =>
      instances === 0 ? `${app} would start again` : `${app} would have ${later} instances again`,
    );
  const what = after.length === 0 ? '' : `; after a restart of the controller ${after.join(', ')}`;
  return `not on disk yet (${file}: ${reason}, since ${since})${what}`;
}
