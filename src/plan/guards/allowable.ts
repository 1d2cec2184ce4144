/** Everything that changes something, as people call it: what can be allowed while a project is frozen. */
export const ALLOWABLE = [
  'apply',
  'rollback',
  'start',
  'stop',
  'restart',
  'reload',
  'delete',
  'scale',
  'rollout',
  'signal',
  'send',
  'trigger',
  'exec',
  'reset',
  'flush',
  'source',
  'daemon-stop',
] as const;

export type Allowable = (typeof ALLOWABLE)[number];
