import type { AppKey } from '../lib/app-key.ts';
import type { Api } from './api.ts';
import { escapeControls } from './views/text.ts';

const LINES = 10;
/** Asked for, so that enough is left: the frames of Node itself are most of a stack, and say nothing of the app. */
const LINES_READ = 30;
const NODE_FRAME = /^\s+at .*\bnode:internal\//;
const BROKEN: readonly string[] = ['CrashLoop', 'Failed', 'Degraded'];

/** Whether what an app printed last says why it is as it is. */
export function isBroken(health: string): boolean {
  return BROKEN.includes(health);
}

/**
 * The end of the log of an app, or of one slot of it; nothing when it cannot be read, since what it is shown with is what
 * matters.
 */
export async function lastLogLines(
  app: AppKey,
  api: Api,
  slot: number | null = null,
): Promise<readonly string[]> {
  const lines: string[] = [];
  try {
    const query = {
      selectors: [slot === null ? app : `${app}:${slot}`],
      lines: LINES_READ,
      stream: 'all',
      follow: false,
    } as const;
    for await (const { stream, line } of api.logs(query)) {
      if (NODE_FRAME.test(line)) continue;
      lines.push(`${stream === 'err' ? 'err' : 'out'} | ${escapeControls(line, false)}`);
    }
  } catch {
    return [];
  }
  return lines.slice(-LINES);
}
