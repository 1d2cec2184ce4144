import { cronProblem, isTimeZone } from '../../spec/cron-text.ts';
import { parseDuration } from '../../lib/units.ts';
import type { HookSpec, SourceHooks, WebhookSpec, WindowSpec } from '../../sources/model/source.ts';
import { LISTEN_HINT, listenAddress } from '../../sources/webhook/listen-address.ts';
import type { Source } from '../generated/sources-file.ts';
import { pathFrom, type FileContext, type Problem } from '../declared/problem.ts';

const HOOK_TIMEOUT_MS = 5 * 60_000;
const LISTEN = '127.0.0.1:9097';

export function hooksOf({ hooks = {} }: Source): SourceHooks {
  const { before_apply: before, smoke, after_apply: after } = hooks;
  return {
    ...(before !== undefined && { before_apply: hookOf(before) }),
    ...(smoke !== undefined && { smoke: hookOf(smoke) }),
    ...(after !== undefined && { after_apply: hookOf(after) }),
  };
}

function hookOf({ command, timeout }: { command: readonly string[]; timeout?: string | number }): HookSpec {
  return { command, timeoutMs: parseDuration(timeout ?? HOOK_TIMEOUT_MS) ?? HOOK_TIMEOUT_MS };
}

export function webhookOf(
  { webhook }: Source,
  context: FileContext,
  problems: Problem[],
): WebhookSpec | null {
  if (webhook === undefined) return null;
  const { secret_file: secret, listen = LISTEN } = webhook;
  if (listenAddress(listen) === null) {
    const message = `${JSON.stringify(listen)} is not an address with a port`;
    problems.push({
      path: ['webhook', 'listen'],
      message,
      hint: LISTEN_HINT,
    });
  }
  return { secretFile: pathFrom(secret, context), listen };
}

export function windowsOf({ windows = [] }: Source, problems: Problem[]): readonly WindowSpec[] {
  return windows.flatMap(({ allow, deny, duration, time_zone: timeZone = null }, index) => {
    const path = ['windows', index];
    const kind = allow === undefined ? 'deny' : 'allow';
    const cron = allow ?? deny;
    if (cron === undefined || (allow !== undefined && deny !== undefined)) {
      problems.push({
        path,
        message: 'needs exactly one of allow and deny',
        hint: 'give the other one a window of its own',
      });
      return [];
    }
    const wrong = cronProblem(cron);
    if (wrong !== null)
      problems.push({ path: [...path, kind], message: wrong, hint: 'for example "0 22 * * *"' });
    if (timeZone !== null && !isTimeZone(timeZone)) {
      const message = `there is no time zone ${JSON.stringify(timeZone)}`;
      problems.push({ path: [...path, 'time_zone'], message, hint: 'for example "Europe/Berlin"' });
    }
    return [{ kind, cron, durationMs: parseDuration(duration) ?? 0, timeZone }];
  });
}
