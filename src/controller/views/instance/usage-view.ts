import type { InstanceStatus } from '../../../api/contract/wire/apps.ts';
import type { UsageSample } from '../../../triggers/usage/sample-usage.ts';

/** What an instance uses, as it is shown. */
export function viewUsage(
  usage: UsageSample | undefined,
): Pick<InstanceStatus, 'cpuPercent' | 'memoryBytes'> {
  if (usage === undefined) return { cpuPercent: null, memoryBytes: null };
  return { cpuPercent: Math.round(usage.cpuPercent * 10) / 10, memoryBytes: usage.memoryBytes };
}
