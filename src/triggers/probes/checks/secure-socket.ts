import { readFile } from 'node:fs/promises';
import { isIP, type Socket } from 'node:net';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { err, ok, type Result } from '../../../lib/result.ts';
import { errorCode, errorMessage } from '../../../lib/system-error.ts';
import type { ProbeSpec } from '../../../spec/types.ts';
import { lowerCase, type Endpoint } from './endpoint.ts';

type Target = Pick<NonNullable<ProbeSpec['http']>, 'host' | 'server_name' | 'ca' | 'insecure' | 'headers'>;

export interface SecureOptions {
  readonly endpoint: Endpoint;
  readonly signal: AbortSignal;
  /** What is to be spoken, by its name in ALPN. */
  readonly protocol: 'http/1.1' | 'h2';
}

/**
 * Connects over TLS, and looks at the certificate before anything is sent: a header may hold a secret. The error says, for
 * a person, what is wrong with the certificate or the connection.
 */
export async function connectSecurely(
  target: Target,
  { endpoint, signal, protocol }: SecureOptions,
): Promise<Result<TLSSocket, string>> {
  const [tls, ca] = await Promise.all([import('node:tls'), readAuthorities(target.ca)]);
  if (!ca.ok) return ca;
  const name = serverName(target);
  return new Promise((resolve) => {
    const refuse = (why: string): void => resolve(err(why));
    const socket = tls.connect({
      ...endpoint,
      // An address is no name to ask for.
      servername: isIP(name) === 0 ? name : '',
      ALPNProtocols: [protocol],
      ...(ca.value !== null && { ca: ca.value }),
      // Judged below, where there are words for it.
      rejectUnauthorized: false,
      checkServerIdentity: (_host, shown) => tls.checkServerIdentity(name, shown),
    });
    closeWith(signal, socket);
    socket.once('secureConnect', () => {
      const problem = target.insecure === true || socket.authorized ? null : distrust(socket, name, target);
      if (problem === null) resolve(ok(socket));
      else {
        socket.destroy();
        refuse(problem);
      }
    });
    socket.on('error', (error: NodeJS.ErrnoException) => refuse(brokenOff(error)));
    socket.once('close', () => refuse('the connection was closed during the TLS handshake'));
  });
}

/** A probe that is given up leaves no connection behind. */
export function closeWith(signal: AbortSignal, socket: Socket): void {
  const close = (): void => void socket.destroy();
  if (signal.aborted) close();
  signal.addEventListener('abort', close, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', close));
}

/** The name that a certificate has to be for. */
export function serverName({ server_name, headers, host }: Target): string {
  return server_name ?? lowerCase(headers).host?.replace(/:\d+$/, '') ?? host;
}

async function readAuthorities(file: string | undefined): Promise<Result<string | null, string>> {
  if (file === undefined) return ok(null);
  const { X509Certificate } = await import('node:crypto');
  let text: string;
  try {
    text = await readFile(file, 'latin1');
  } catch (error) {
    const code = errorCode(error);
    const why = code === 'ENOENT' ? 'is not there' : `cannot be read (${code ?? errorMessage(error)})`;
    return err(`ca: ${file} ${why}`);
  }
  try {
    // TLS itself says nothing of a file that holds none.
    new X509Certificate(text);
    return ok(text);
  } catch {
    return err(`ca: ${file} holds no certificates in PEM`);
  }
}

/** Why the certificate does not count, and the way out. */
function distrust(socket: TLSSocket, name: string, { ca }: Target): string {
  // A text by its type, and an error with a code where names do not match.
  const reason: unknown = socket.authorizationError;
  const code = typeof reason === 'string' ? reason : (errorCode(reason) ?? errorMessage(reason));
  const certificate = socket.getPeerCertificate();
  const trust = ca === undefined ? '`ca` names the file of whom to trust' : `it is not by ${ca}`;
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return `its certificate expired on ${certificate.valid_to}`;
    case 'CERT_NOT_YET_VALID':
      return `its certificate is not valid before ${certificate.valid_from}: is the clock of this host right?`;
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return `its certificate is self-signed: ${ca === undefined ? 'name it as `ca`, or say insecure: true' : `it is not in ${ca}`}`;
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return `its certificate is by ${issuerOf(certificate)}, which is not trusted: ${trust}`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `its certificate is for ${namesOf(certificate)}, not for ${name}: \`server_name\` says which name is meant`;
    default:
      return `its certificate does not count: ${code}`;
  }
}

function issuerOf({ issuer }: Partial<PeerCertificate>): string {
  const [name] = [issuer?.CN ?? issuer?.O ?? []].flat();
  return name === undefined ? 'somebody' : JSON.stringify(name);
}

/** `shop.example, 10.0.0.1`; not all of very many. */
function namesOf({ subject, subjectaltname }: Partial<PeerCertificate>): string {
  const listed = subjectaltname?.replaceAll(/(?:DNS|IP Address):/g, '');
  const names = listed ?? [subject?.CN ?? 'no name'].flat().join(', ');
  return names.length > MOST_NAMES ? `${names.slice(0, MOST_NAMES)}...` : names;
}

const MOST_NAMES = 100;

/** Before there was a certificate to look at. */
function brokenOff(error: NodeJS.ErrnoException): string {
  const { code = '', message } = error;
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/i.test(code + message))
    return 'what answers does not speak TLS: leave out scheme: https';
  if (/CERTIFICATE_REQUIRED|BAD_CERTIFICATE|HANDSHAKE_FAILURE/i.test(code + message))
    return `it breaks off the TLS handshake (${alertOf(code, message)}): it may want a certificate of the client, which a probe has not`;
  if (/NO_APPLICATION_PROTOCOL/i.test(code + message)) return 'it does not offer the protocol (ALPN)';
  return code === '' ? message : code;
}

function alertOf(code: string, message: string): string {
  return code.startsWith('ERR_SSL_')
    ? code.slice('ERR_SSL_'.length).toLowerCase().replaceAll('_', ' ')
    : message.slice(0, 80);
}
