import type { Failure } from '../lib/failure.ts';
import { errorCode, errorMessage } from '../lib/system-error.ts';

/** Why nothing listens at an address, and the way out. */
export function listenFailure(error: unknown, place: string): Failure {
  const cannot = `cannot listen at ${place}`;
  switch (errorCode(error)) {
    case 'EADDRINUSE':
      return {
        code: 'CONFLICT',
        message: `${cannot}: the port is taken`,
        hint: 'choose another port, or end what has it',
      };
    case 'EACCES':
    case 'EPERM':
      return {
        code: 'PERMISSION',
        message: `${cannot}: the system does not allow it`,
        hint: 'choose a port above 1023, or listen on a Unix socket behind a proxy',
      };
    case 'EADDRNOTAVAIL':
      return {
        code: 'CONFIG_BAD_VALUE',
        message: `${cannot}: it is no address of this host`,
        hint: 'ip address shows which there are; 127.0.0.1 is always one',
      };
    default:
      return { code: 'CONFIG_BAD_VALUE', message: `${cannot}: ${errorMessage(error)}` };
  }
}
