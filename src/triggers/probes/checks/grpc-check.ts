import type { ClientHttp2Session, IncomingHttpHeaders } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { err, ok, type Result } from '../../../lib/result.ts';
import type { ProbeSpec } from '../../../spec/types.ts';
import type { Check } from '../prober.ts';
import {
  authorityOf,
  checkAt,
  lowerCase,
  type Endpoint,
  type FindProbePort,
  type Probed,
} from './endpoint.ts';
import { shown } from './first-line.ts';
import { healthRequest, healthStatus, MAX_ANSWER } from './grpc-message.ts';
import { closeWith, connectSecurely } from './secure-socket.ts';

type GrpcTarget = Probed<NonNullable<ProbeSpec['grpc']>>;

const METHOD = '/grpc.health.v1.Health/Check';

/** The health service of a server (grpc.health.v1), which has to answer SERVING. */
export function grpcCheck(target: GrpcTarget, findProbePort: FindProbePort): Check {
  const { host, port, scheme = 'http', service = '' } = target;
  const authority = authorityOf({ host, port });
  const what = `gRPC health${service === '' ? '' : ` of ${service}`} at ${authority}`;
  return checkAt({ host, port }, findProbePort, async (endpoint, signal) => {
    const connected = await connectTo(target, endpoint, signal);
    if (!connected.ok) return { ok: false, text: `${what}: ${connected.error}` };
    const { connect: open } = await import('node:http2');
    const session = open(`${scheme}://${authority}`, { createConnection: () => connected.value });
    const problem = await call(session, target);
    session.destroy();
    connected.value.destroy();
    return problem === null ? { ok: true } : { ok: false, text: `${what}${problem}` };
  });
}

async function connectTo(
  target: GrpcTarget,
  endpoint: Endpoint,
  signal: AbortSignal,
): Promise<Result<Socket, string>> {
  if (target.scheme === 'https') {
    const secure = await connectSecurely(target, { endpoint, signal, protocol: 'h2' });
    if (!secure.ok || secure.value.alpnProtocol === 'h2') return secure;
    secure.value.destroy();
    return err('it does not offer HTTP/2 over TLS (ALPN h2)');
  }
  return new Promise((resolve) => {
    const socket = connect({ ...endpoint });
    closeWith(signal, socket);
    socket.once('connect', () => resolve(ok(socket)));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(err(error.code ?? error.message)));
    socket.once('close', () => resolve(err('given up')));
  });
}

/** Asks once. Null: it serves; else what is to be said behind the name of the probe. */
function call(session: ClientHttp2Session, { service = '', headers }: GrpcTarget): Promise<string | null> {
  return new Promise((resolve) => {
    let verdict: string | undefined;
    const broken = (error: NodeJS.ErrnoException): void => resolve(verdict ?? `: ${brokenOff(error)}`);
    session.on('error', broken);
    const stream = session.request({
      ':method': 'POST',
      ':path': METHOD,
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'stateward-probe',
      ...metadata(headers),
    });
    let answer = Buffer.alloc(0);
    let trailers: IncomingHttpHeaders = {};
    stream.on('response', (head) => {
      const { ':status': status, 'content-type': type = '' } = head;
      if (status !== 200) verdict = ` answered ${status ?? 'nothing'}: is this a gRPC server?`;
      else if (!type.startsWith('application/grpc')) verdict = ': what answers is not a gRPC server';
      // A refusal has its trailers here.
      if (head['grpc-status'] !== undefined) trailers = head;
    });
    stream.on('trailers', (given: IncomingHttpHeaders) => (trailers = given));
    stream.on('data', (chunk: Buffer) => {
      if (answer.length < MAX_ANSWER) answer = Buffer.concat([answer, chunk]);
    });
    stream.on('error', broken);
    stream.on('close', () => resolve(verdict ?? verdictOf(trailers, answer, service)));
    stream.end(healthRequest(service));
  });
}

/** Null: it serves. */
function verdictOf(trailers: IncomingHttpHeaders, answer: Buffer, service: string): string | null {
  const code = trailers['grpc-status'];
  if (code === undefined) return ': the connection was closed without an answer';
  if (code !== '0') return refusal(Number(code), String(trailers['grpc-message'] ?? ''), service);
  const status = healthStatus(answer);
  if (status === null) return ': its answer cannot be read';
  return status === 'SERVING' ? null : ` is ${status}`;
}

const NOT_FOUND = 5;
const UNIMPLEMENTED = 12;
/** Names of the statuses of gRPC, by number. */
const CODES = [
  ...['OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS'],
  ...['PERMISSION_DENIED', 'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE'],
  ...['UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED'],
];

function refusal(code: number, message: string, service: string): string {
  const said = message === '' ? '' : ` (${shown(decoded(message))})`;
  if (code === NOT_FOUND)
    return service === ''
      ? `: the server does not tell its own health: name a \`service\`${said}`
      : `: the server knows no service ${service}${said}`;
  if (code === UNIMPLEMENTED) return `: the server has no health service (grpc.health.v1.Health)${said}`;
  return ` answered ${CODES[code] ?? `status ${code}`}${said}`;
}

/** Messages travel with percent signs. */
function decoded(message: string): string {
  try {
    return decodeURIComponent(message);
  } catch {
    return message;
  }
}

/** As metadata; the name of the host has a place of its own in HTTP/2. */
function metadata(headers: GrpcTarget['headers']): Readonly<Record<string, string>> {
  const { host, ...rest } = lowerCase(headers);
  return { ...rest, ...(host !== undefined && { ':authority': host }) };
}

function brokenOff({ code = '', message }: NodeJS.ErrnoException): string {
  if (/^ERR_HTTP2_(?:ERROR|SESSION_ERROR)$/.test(code) || /Protocol error/i.test(message))
    return 'what answers does not speak HTTP/2, as gRPC does';
  return code === '' || code.startsWith('ERR_HTTP2_') ? message : code;
}
