import type { CustomFields } from '../../../api/contract/wire/custom/custom.ts';
import type { InstanceStatus } from '../../../api/contract/wire/apps.ts';
import type { AgentFigures } from '../../../triggers/usage/agent-figures.ts';

/** Where what processes say of themselves is known, by their nonce; absent: nobody has asked, or there is nobody to ask. */
export interface SaidSources {
  /** What the agent of a process has measured. */
  readonly figuresOf?: ((nonce: string) => AgentFigures | undefined) | undefined;
  /** What the app itself reports and offers. */
  readonly customOf?: ((nonce: string) => CustomFields) | undefined;
}

/** What the agent in a process measures, and what the app in it reports and offers. */
export function viewFigures(
  instance: { readonly nonce: string } | undefined,
  { figuresOf, customOf }: SaidSources,
): Pick<InstanceStatus, 'figures' | 'metrics' | 'actions'> {
  if (instance === undefined) return {};
  const figures = figuresOf?.(instance.nonce);
  return { ...customOf?.(instance.nonce), ...(figures !== undefined && { figures }) };
}
