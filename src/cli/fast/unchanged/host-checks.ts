import type { HostChecks } from '../../../config/apps/load-apps.ts';

/** What `validate` does about what this host lacks. */
export function hostChecksOf(isSkipped: boolean, ci: string | undefined): HostChecks {
  if (isSkipped) return 'skip';
  return ci === undefined || ['', '0', 'false'].includes(ci.toLowerCase()) ? 'refuse' : 'warn';
}
