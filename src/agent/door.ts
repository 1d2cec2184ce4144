import { createServer, Server, type AddressInfo } from 'node:net';

const doors = new Map<number, Promise<number>>();

/**
 * A connection to a port that instances share is taken by any of them. The door is a port that this process alone
 * listens on, at the loopback address: what comes in is handed to the server of the app as if it had come by the shared
 * one. The app does not see it, and it keeps no process alive. null: nothing here listens on that port.
 */
export async function doorTo(port: number): Promise<number | null> {
  if (serverOn(port) === undefined) return null;
  let door = doors.get(port);
  if (door === undefined) {
    door = open(port);
    doors.set(port, door);
    door.catch(() => doors.delete(port));
  }
  return await door;
}

function open(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const door = createServer((socket) => {
      // Looked up each time: the app may have closed its server and made another.
      const server = serverOn(port);
      if (server === undefined) socket.destroy();
      else {
        socket.allowHalfOpen = true;
        server.emit('connection', socket);
      }
    });
    door.on('error', reject);
    door.unref();
    // Exclusive: in cluster mode it would be shared like every other.
    door.listen({ host: '127.0.0.1', port: 0, exclusive: true }, () =>
      resolve((door.address() as AddressInfo).port),
    );
  });
}

function serverOn(port: number): Server | undefined {
  const handles = (process as { _getActiveHandles?: () => unknown[] })._getActiveHandles?.() ?? [];
  return handles.find((handle): handle is Server => handle instanceof Server && portOf(handle) === port);
}

function portOf(server: Server): number | undefined {
  const address = server.address();
  return typeof address === 'object' ? address?.port : undefined;
}
