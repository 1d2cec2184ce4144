import { readyText } from '../../../api/contract/progress/amounts.ts';
import { isSettled } from '../../../api/contract/progress/settled.ts';
import type { App, AppList } from '../../../api/contract/wire/apps.ts';
import { appKey } from '../../../lib/app-key.ts';
import { count } from '../text/quantities.ts';
import { escapeControls } from '../text/text.ts';

export interface HealthCheck {
  readonly isHealthy: boolean;
  /** One line. */
  readonly line: string;
}

/**
 * Whether every app is as it was declared, and well: healthy, completed, or stopped by somebody who meant it. What is
 * still on its way is not there yet.
 */
export function checkHealth({ items }: AppList): HealthCheck {
  if (items.length === 0) return unhealthy('there are no apps');
  const [first, ...more] = items.filter(({ status }) => !isSettled(status.generation, status));
  if (first === undefined) return { isHealthy: true, line: `healthy: ${count(items.length, 'app')}\n` };
  return unhealthy(`${stateOf(first)}${more.length === 0 ? '' : `; and ${count(more.length, 'more app')}`}`);
}

/** Also for what keeps it from being known. */
export function unhealthy(why: string): HealthCheck {
  return { isHealthy: false, line: `not healthy: ${why}\n` };
}

function stateOf(app: App): string {
  const { sync, health, holds } = app.status;
  const [hold] = holds;
  const why = hold === undefined ? '' : `: ${escapeControls(hold.message, false)}`;
  return `${appKey(app.project, app.name)} is ${health} and ${sync}, ${readyText(app)}${why}`;
}
