import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ApiBackend } from '../../src/api/contract/endpoints/backend.ts';
import { createApiServer, type ApiServer, type ApiServerOptions } from '../../src/api/server/server.ts';

/** A folder of its own for the running test, removed afterwards. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stw-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A server for the running test, closed when it ends. */
export async function serve(
  backend: ApiBackend,
  options: Partial<Omit<ApiServerOptions, 'backend'>> = {},
): Promise<ApiServer> {
  const server = await createApiServer({
    socketPath: join(temporaryFolder(), 'api.sock'),
    backend,
    ...options,
  });
  if (!server.ok) throw new Error(server.error.message);
  onTestFinished(() => server.value.close());
  return server.value;
}

/** A raw connection for what no HTTP client would send. */
export function rawConnection(socketPath: string): {
  readonly socket: Socket;
  /** Everything that came until the other side hung up. */
  readonly closed: Promise<string>;
} {
  const socket = connect(socketPath);
  onTestFinished(() => void socket.destroy());
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined);
  const closed = new Promise<string>((resolve) => {
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
  });
  return { socket, closed };
}

/** Sends bytes and gives everything that came back until the connection ended. */
export function exchangeRaw(socketPath: string, bytes: string | Buffer): Promise<string> {
  const { socket, closed } = rawConnection(socketPath);
  socket.write(bytes);
  return closed;
}
