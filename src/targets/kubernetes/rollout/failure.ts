import { splitAppKey, type AppKey } from '../../../lib/app-key.ts';
import type { Failure } from '../../../lib/failure.ts';
import { redactText } from '../../../spec/secrets/redact.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Progress } from './progress.ts';
import type { PodTrouble } from './trouble.ts';

const LAST_LINES = 5;
const READING_MS = 5000;

/** Why an app did not come to work, with the last words of the pod that has failed. */
export async function failureOf(
  app: AppKey,
  { message, trouble }: Extract<Progress, { readonly state: 'failed' }>,
  cluster: Cluster,
): Promise<Failure> {
  const lines = trouble === null ? [] : await lastLines(app, trouble, cluster);
  return {
    code: 'APP_FAILED',
    message: `${app}: ${message}`,
    ...(trouble !== null && {
      details: [`pod ${trouble.pod}`, ...lines],
    }),
    hint: `stateward logs ${app} --target kubernetes shows more`,
  };
}

/** Or why they cannot be had. */
async function lastLines(
  app: AppKey,
  { pod, isPrevious }: PodTrouble,
  cluster: Cluster,
): Promise<readonly string[]> {
  const lines: string[] = [];
  const { name: container } = splitAppKey(app);
  const options = {
    ...{ container, lines: LAST_LINES, follow: false },
    ...(isPrevious && { previous: true as const }),
  };
  const until = performance.now() + READING_MS;
  for await (const line of cluster.logs(pod, options)) {
    if (!line.ok) return [...lines.slice(-LAST_LINES), line.error.message];
    lines.push(`| ${redactText(line.value.replace(/^\S+ /, ''))}`);
    if (performance.now() > until) break;
  }
  return lines.slice(-LAST_LINES);
}
