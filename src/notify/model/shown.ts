import { unreachable } from '../../lib/unreachable.ts';
import type { Address, ReceiverSpec, Target } from './receiver.ts';

const HIDDEN = '<redacted>';

/** A receiver as it is shown: of addresses that stand in it only the host, for the rest may be a token. */
export function shownSpec(spec: ReceiverSpec): ReceiverSpec {
  const { to } = spec;
  if (to.kind !== 'webhook' && to.kind !== 'slack') return spec;
  const { address } = to;
  return address.kind === 'file'
    ? spec
    : { ...spec, to: { ...to, address: { kind: 'url', url: addressText(address) } } };
}

/** Where a receiver is, in a few words. */
export function targetText(to: Target): string {
  switch (to.kind) {
    case 'webhook':
    case 'slack':
      return addressText(to.address);
    case 'email':
      return `${to.recipients.join(', ')} by ${to.host}:${to.port}`;
    case 'exec':
      return to.command[0] ?? '';
    case 'commit_status':
      return `${to.provider}, ${to.sources === null ? 'every git source' : to.sources.join(', ')}`;
    default:
      return unreachable(to);
  }
}

function addressText(address: Address): string {
  if (address.kind === 'file') return `the address in ${address.file}`;
  try {
    const { protocol, host } = new URL(address.url);
    return `${protocol}//${host}/${HIDDEN}`;
  } catch {
    return HIDDEN;
  }
}
