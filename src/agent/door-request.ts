/** What the controller asks, through the runner, before it probes a port. See src/daemon/probe-doors.ts. */
const DOOR = 'NODE_STATEWARD_DOOR';

type Send = (message: unknown, ...rest: unknown[]) => boolean;

/** Until it is asked an app pays for nothing: what does the work is loaded then. */
export function openDoorOnRequest(target: NodeJS.Process): void {
  const send = target.send?.bind(target) as Send | undefined;
  if (send === undefined) return;
  const onInternal = (message: unknown): void => {
    if (!isDoorRequest(message)) return;
    const { port } = message;
    import('./door.ts')
      .then(({ doorTo }) => doorTo(port))
      .catch(() => null)
      .then((door) => {
        if (target.connected) send({ cmd: DOOR, port, door }, () => undefined);
      })
      .catch(() => undefined);
  };
  (target as NodeJS.EventEmitter).on('internalMessage', onInternal);
}

function isDoorRequest(message: unknown): message is { readonly port: number } {
  if (typeof message !== 'object' || message === null || Reflect.get(message, 'cmd') !== DOOR) return false;
  return typeof Reflect.get(message, 'port') === 'number';
}
