import type { ServerQuery } from './cluster-hook.ts';

/** The runner has another folder: a path is to be whole. One that begins with NUL is in no folder. */
export function wholeAddress({ address, addressType }: ServerQuery): string | null {
  if (address === undefined || address === null || address === '') return null;
  if (addressType !== -1 || address.startsWith('\0')) return address;
  return process.getBuiltinModule('node:path').resolve(address);
}
