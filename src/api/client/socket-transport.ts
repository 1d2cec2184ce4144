import { connect } from 'node:net';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { connectionFailure, isNobodyThere } from './connection-failure.ts';
import { rawRequest } from './fast-client.ts';
import { boundTime, type SocketTransportOptions } from './socket-bounds.ts';
import { BUILD, VERSION } from '../../lib/programs/build.ts';
import { compareWith, DAEMON_NEWER, noteOnBuild, OLDER_DAEMON } from '../contract/version.ts';
import { deadlineIn } from '../contract/deadline.ts';
import { checkSocketPath } from '../contract/check-socket-path.ts';
import type { ApiReply, ApiRequest, ApiTransport } from '../contract/transport.ts';

/** Requests over the daemon's Unix socket. */
export function socketTransport(options: SocketTransportOptions): ApiTransport {
  const tooLong = checkSocketPath(options.socketPath);
  let hasAnswered = false;
  const refused = (): Failure | null => tooLong ?? options.refusal?.() ?? null;
  return {
    async request(request) {
      const failure = refused();
      if (failure !== null) return err(failure);
      // A daemon that has answered and is gone was stopped, or is being restarted: neither is ours to undo.
      const { onAbsent } = options;
      const reply = await send(options, request, hasAnswered && onAbsent ? comesBack(options) : onAbsent);
      hasAnswered ||= reply.ok;
      return reply;
    },
    async stream(request) {
      const failure = refused();
      if (failure !== null) return err(failure);
      const { openStream } = await import('./socket-stream.ts');
      return openStream(options, request);
    },
  };
}

const HTTP_OK = 200;

/** How long a daemon that has answered may take to come back: the runner restarts one that has crashed. */
const COMES_BACK_MS = 2_000;
const COMES_BACK_POLL_MS = 100;

/** Waits until a daemon listens, without starting one. */
function comesBack({
  clock,
  socketPath,
}: SocketTransportOptions): NonNullable<SocketTransportOptions['onAbsent']> {
  return async () => {
    const deadline = clock.monotonic() + COMES_BACK_MS;
    while (!(await listens(socketPath)) && clock.monotonic() < deadline) {
      await new Promise<void>((resolve) => clock.after(COMES_BACK_POLL_MS, resolve));
    }
    return ok(undefined);
  };
}

function listens(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

async function send(
  options: SocketTransportOptions,
  request: ApiRequest,
  onAbsent: SocketTransportOptions['onAbsent'],
): Promise<Result<ApiReply, Failure>> {
  try {
    return await exchange(options, request);
  } catch (error) {
    if (onAbsent === undefined || !isNobodyThere(error)) {
      return err(connectionFailure(error, options.socketPath));
    }
  }
  const started = await onAbsent();
  return started.ok ? send(options, request, undefined) : started;
}

/** What is begun at the last moment has this long to be answered. */
const LAST_ANSWER_MS = 1_000;

/** One request and its answer. Throws when there is no answer. */
async function exchange(
  options: SocketTransportOptions,
  { method, path, body, acts = false }: ApiRequest,
): Promise<Result<ApiReply, Failure>> {
  let cancel = (): void => undefined;
  try {
    const reply = await rawRequest(options.socketPath, {
      method,
      path,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(acts && { deadline: deadlineIn(options.answerMs - LAST_ANSWER_MS) }),
      onSocket: (socket) => {
        cancel = boundTime(socket, options);
      },
    });
    const compared = compareWith(reply.served);
    if (compared === 'daemon-newer') return err(DAEMON_NEWER);
    const isOlder = compared === 'daemon-older';
    const note = isOlder ? OLDER_DAEMON : noteOnBuild(reply.program, { version: VERSION, build: BUILD });
    if (note !== null) options.onOlder?.(note);
    if (acts && reply.status === HTTP_OK) options.onActed?.();
    const answer: unknown = JSON.parse(reply.body);
    return ok({ status: reply.status, body: answer, isOlder });
  } finally {
    cancel();
  }
}
