import type { TargetUser } from '../user.ts';
import type { Prefix } from './prefix.ts';

/** Runs what follows as another user. Node's own `uid` option drops all supplementary groups. */
export function asUser(user: TargetUser | null): readonly Prefix[] {
  if (user === null) return [];
  const groups = user.account === null ? '--clear-groups' : '--init-groups';
  return [
    {
      key: 'user',
      program: 'setpriv',
      args: ['--reuid', String(user.uid), '--regid', String(user.gid), groups, '--'],
      need: 'setpriv(1) of util-linux is needed to run a process as another user',
    },
  ];
}
