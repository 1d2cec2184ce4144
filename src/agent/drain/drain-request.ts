/** What the runner asks before it ends a process, and what the agent answers. See src/runner/instances/drain.ts. */
const DRAIN = 'NODE_STATEWARD_DRAIN';
const DRAINING = 'NODE_STATEWARD_DRAINING';
const DRAINED = 'NODE_STATEWARD_DRAINED';

type Send = (message: unknown, ...rest: unknown[]) => boolean;

/** Signals that an app may listen to in order to end well; the runner means the first unless told otherwise. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Until it is asked to drain an app pays for nothing: what does the work is loaded then. */
export function drainOnRequest(target: NodeJS.Process): void {
  const send = target.send?.bind(target) as Send | undefined;
  if (send === undefined) return;
  const answer = (message: object): void => {
    if (target.connected) send(message, () => undefined);
  };
  let asked = false;
  const onInternal = (message: unknown): void => {
    if (asked || !isDrain(message)) return;
    asked = true;
    const signal = STOP_SIGNALS.find((name) => target.listenerCount(name) > 0) ?? null;
    answer({ cmd: DRAINING, signal });
    import('./drain.ts')
      .then(({ drain }) => drain(message.ms))
      .catch(() => undefined)
      .finally(() => answer({ cmd: DRAINED }));
  };
  (target as NodeJS.EventEmitter).on('internalMessage', onInternal);
}

function isDrain(message: unknown): message is { readonly ms: number } {
  if (typeof message !== 'object' || message === null || Reflect.get(message, 'cmd') !== DRAIN) return false;
  return typeof Reflect.get(message, 'ms') === 'number';
}
