import type { Failure } from '../../../lib/failure.ts';
import { errorCode, errorMessage } from '../../../lib/system-error.ts';
import { endpointOf } from './endpoint.ts';

/** What a registry has answered that was not asked for. */
export interface Refusal {
  readonly status: number;
  readonly body: string;
  /** As whom it was asked: `me`; absent: as anybody. */
  readonly user?: string;
  /** What has answered, where it is not the registry itself: a server of tokens. */
  readonly server?: string;
}

const MAX_SAID = 300;

/** `what`: what was tried, as a clause: `cannot read registry.example.com/shop:1`. */
export function refused(host: string, what: string, { status, body, user, server = host }: Refusal): Failure {
  const said = saidIn(body);
  const isLogIn = status === 401 || status === 403;
  const whom = isLogIn ? ` to ${user ?? 'who is not logged in'}` : '';
  const message = `${what}: ${server} answers ${status}${whom}${said === '' ? '' : ` (${said})`}`;
  if (isLogIn) {
    return {
      code: 'REGISTRY_REFUSED',
      message,
      hint: `log in with docker login ${host}, or any program that writes ~/.docker/config.json (DOCKER_CONFIG), as one who may do that`,
    };
  }
  if (status === 404) {
    return {
      code: 'REGISTRY_REFUSED',
      message,
      hint: 'check its name; a registry says so too of what one may not see',
    };
  }
  if (status === 429 || status >= 500) {
    return {
      code: 'REGISTRY_UNREACHABLE',
      message,
      hint: 'repeat the command in a while; what was pushed is not pushed again',
    };
  }
  return {
    code: 'REGISTRY_REFUSED',
    message,
    hint: 'the registry says why; build: { command: […] } pushes by other means',
  };
}

/** No answer has come, or not all of it. */
export function unreachable(host: string, what: string, error: unknown): Failure {
  if (error instanceof Error && error.name === 'AbortError') {
    return {
      code: 'INTERRUPTED',
      message: `${what}: interrupted`,
      hint: 'what was pushed is not pushed again',
    };
  }
  if (error instanceof Error && error.name === 'TimeoutError') {
    return {
      code: 'REGISTRY_UNREACHABLE',
      message: `${what}: ${host} does not answer in time`,
      hint: wayOut(host),
    };
  }
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (isUntrusted(cause)) {
    return {
      code: 'REGISTRY_UNREACHABLE',
      message: `${what}: the certificate of ${host} cannot be trusted: ${errorMessage(cause)}`,
      hint: "NODE_EXTRA_CA_CERTS=/path/to/ca.pem before the command names a certificate authority of one's own",
    };
  }
  return { code: 'REGISTRY_UNREACHABLE', message: `${what}: ${errorMessage(cause)}`, hint: wayOut(host) };
}

/** It answers, and not as a registry does. */
export function notARegistry(host: string, what: string, why: string): Failure {
  return {
    code: 'REGISTRY_REFUSED',
    message: `${what}: ${host} ${why}`,
    hint: 'check that it is a registry of images',
  };
}

/** As OpenSSL and Node say of a certificate that nobody known here has signed. */
function isUntrusted(error: unknown): boolean {
  return /^(?:UNABLE_TO_(?:GET_ISSUER_CERT|VERIFY)|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED)/.test(
    errorCode(error) ?? '',
  );
}

function wayOut(host: string): string {
  return `check that ${endpointOf(host)}/v2/ answers from here`;
}

/** The message of the first error, as the distribution specification has them; for people, on one line. */
function saidIn(body: string): string {
  let text = '';
  try {
    const { errors } = JSON.parse(body) as { errors?: readonly { code?: unknown; message?: unknown }[] };
    const first = errors?.[0];
    text = [first?.code, first?.message].filter((one) => typeof one === 'string').join(': ');
  } catch {
    // A page of a proxy in front of it: the status says more.
  }
  return text.replaceAll(/\p{C}+/gu, ' ').slice(0, MAX_SAID);
}
