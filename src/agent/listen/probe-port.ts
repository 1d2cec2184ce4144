import { createServer, Server, type AddressInfo } from 'node:net';

const probePorts = new Map<number, Promise<number>>();

/**
 * A connection to a port that instances share is taken by any of them. The probe port is a port that this process alone
 * listens on, at the loopback address: what comes in is handed to the server of the app as if it had come by the shared
 * one. The app does not see it, and it keeps no process alive. null: nothing here listens on that port.
 */
export async function probePortFor(port: number): Promise<number | null> {
  if (serverOn(port) === undefined) return null;
  let probePort = probePorts.get(port);
  if (probePort === undefined) {
    probePort = open(port);
    probePorts.set(port, probePort);
    probePort.catch(() => probePorts.delete(port));
  }
  return await probePort;
}

function open(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probePort = createServer((socket) => {
      // Looked up each time: the app may have closed its server and made another.
      const server = serverOn(port);
      if (server === undefined) socket.destroy();
      else {
        socket.allowHalfOpen = true;
        server.emit('connection', socket);
      }
    });
    probePort.on('error', reject);
    probePort.unref();
    // Exclusive: in cluster mode it would be shared like every other.
    probePort.listen({ host: '127.0.0.1', port: 0, exclusive: true }, () =>
      resolve((probePort.address() as AddressInfo).port),
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
