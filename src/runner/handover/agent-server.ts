import { createServer, type Server, type Socket } from 'node:net';
import { HELLO, isCommand, WELCOME, type Welcome } from '../../agent/protocol.ts';
import type { OpenTransport } from '../channel/transport.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import { listenPrivately } from '../server/listen-privately.ts';
import { carriesHandles, handlePipe } from './handle-pipe.ts';
import { pipeTransport } from './pipe-transport.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';

const MAX_HELLO_BYTES = 1_024;
const HELLO_MS = 5_000;
/** That have not said who they are. */
const MAX_STRANGERS = 1_000;

export interface AgentServerOptions {
  readonly clock: Clock;
  /** Whether the channel of this instance is missed. */
  readonly isMissed: (nonce: string) => boolean;
  /** Its agent is here. */
  readonly onAgent: (nonce: string, open: OpenTransport) => void;
}

/**
 * Where the agents of processes that an earlier runner started get another channel. Who comes proves by its nonce, which
 * only its process knows, whose agent it is, and is heard in nothing else before.
 *
 *   connected ──hello──▶ missed? ──welcome──▶ (channel)
 *       └──anything else, or 5 s──▶ let go ◀──no──┘
 */
export class AgentServer {
  readonly #options: AgentServerOptions;
  #server: Server | undefined;
  #strangers = 0;

  constructor(options: AgentServerOptions) {
    this.#options = options;
  }

  /** Listens at `path`. Rejects when that cannot be done; where Node is built otherwise than expected nobody is waited for. */
  async listen(path: string): Promise<void> {
    if (!carriesHandles()) throw new Error('this version of Node cannot take sockets back');
    const server = createServer({ pauseOnConnect: true }, (socket) => this.#greet(socket));
    await listenPrivately(server, path);
    this.#server = server;
  }

  close(): void {
    this.#server?.close();
  }

  #greet(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    if (this.#strangers >= MAX_STRANGERS) {
      socket.destroy();
      return;
    }
    this.#strangers += 1;
    let text = '';
    const onData = (chunk: Buffer): void => {
      text += chunk.toString();
      const nonce = text.endsWith('\n') ? nonceOf(text) : undefined;
      if (nonce !== undefined) this.#onHello(socket, { nonce, leave });
      else if (text.length > MAX_HELLO_BYTES) socket.destroy();
    };
    const leave = (): void => {
      this.#strangers -= 1;
      cancel();
      socket.removeListener('close', leave).removeListener('data', onData);
    };
    const cancel = this.#options.clock.after(HELLO_MS, () => socket.destroy());
    socket.on('data', onData).on('close', leave);
    socket.resume();
  }

  #onHello(socket: Socket, { nonce, leave }: { readonly nonce: string; readonly leave: () => void }): void {
    const { clock, isMissed, onAgent } = this.#options;
    const pipe = isMissed(nonce) ? handlePipe(socket) : null;
    if (pipe === null) {
      socket.destroy();
      return;
    }
    leave();
    const welcome: Welcome = { cmd: WELCOME };
    socket.write(`${JSON.stringify(welcome)}\n`);
    failpoint('handover.greeted');
    onAgent(nonce, pipeTransport(pipe, clock));
  }
}

function nonceOf(text: string): string | undefined {
  try {
    const hello: unknown = JSON.parse(text);
    const nonce = isCommand(hello, HELLO) ? hello['nonce'] : undefined;
    return typeof nonce === 'string' ? nonce : undefined;
  } catch {
    return undefined;
  }
}
