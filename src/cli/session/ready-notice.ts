import type { Run } from '../../boot/run-command.ts';
import { START_SECONDS } from '../../boot/service.ts';
import { isSettled } from '../../api/contract/progress/settled.ts';
import type { App } from '../../api/contract/wire/apps.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import { count } from '../views/text/quantities.ts';
import type { Api } from './api.ts';

const POLL_MS = 250;
/** Told before the service manager gives up: the daemon is up then, and goes on with what is not. */
const LIMIT_MS = (START_SECONDS - 30) * 1000;

export interface ReadyNoticeOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly api: Pick<Api, 'apps'>;
  readonly clock: Clock;
  readonly run: Run;
  /** Nobody waits any more. */
  readonly signal: AbortSignal;
  /** One line for people. */
  readonly note: (text: string) => void;
}

/**
 * Tells the service manager that waits for it (`Type=notify`) that the service is up: every app is as it was declared, has
 * failed, or the bound is over. Node has no datagram sockets of the local kind, so `systemd-notify` says it.
 * See sd_notify(3).
 */
export async function noticeReady({ env, api, clock, run, signal, note }: ReadyNoticeOptions): Promise<void> {
  if ((env['NOTIFY_SOCKET'] ?? '') === '') return;
  const since = clock.monotonic();
  const isOver = (): boolean => signal.aborted;
  let apps: readonly App[] | undefined;
  do {
    await new Promise<void>((resolve) => clock.after(POLL_MS, resolve));
    if (isOver()) return;
    const answer = await api.apps({ selectors: [], spec: 'none', detail: 'brief' });
    if (answer.ok) apps = answer.value.items;
  } while (!(apps?.every(isThere) ?? false) && clock.monotonic() - since < LIMIT_MS);
  if (isOver()) return;
  const { code, output } = await run(['systemd-notify', '--ready', `--status=${statusText(apps ?? [])}`]);
  if (code !== 0) note(`the service manager cannot be told that the apps are up: systemd-notify: ${output}`);
}

function isThere(app: App): boolean {
  return isUp(app) || app.status.health === 'Failed';
}

function isUp({ status }: App): boolean {
  return isSettled(status.generation, status);
}

function statusText(apps: readonly App[]): string {
  const up = apps.filter(isUp).length;
  if (up === apps.length) return `${count(up, 'app')} up`;
  return `${up} of ${count(apps.length, 'app')} up; stateward get shows the rest`;
}
