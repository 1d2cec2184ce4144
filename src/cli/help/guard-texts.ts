/** What it means that a host is frozen, or that a snapshot of one cannot be used. */
export const GUARD_TEXTS = {
  FROZEN: {
    means: 'The project is frozen for a while: it takes no changes.',
    wayOut: 'Wait until the time that the message names, or lift it: stateward unfreeze PROJECT.',
  },
  SNAPSHOT_SIGNATURE: {
    means: 'The snapshot of a host has been changed since it was signed, or was signed with another key.',
    wayOut:
      'Make a new one on the host: `stateward snapshot -o FILE`. Its key: `stateward snapshot --public-key`.',
  },
  SNAPSHOT_UNREADABLE: {
    means:
      'The file of `--against` or `--verify-key` cannot be read, or is no snapshot that this version knows.',
    wayOut:
      'Make it with `stateward snapshot -o FILE` on the host; use the version of the host, or a newer one.',
  },
} as const;
