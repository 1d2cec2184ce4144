import { oneLine } from '../render/text.ts';
import type { SendResult } from './jobs.ts';
import { withoutSecrets } from './secrets.ts';
import type { WebAnswer } from './web.ts';

const SHOWN_BODY = 200;

/** What came of a request that was answered; any 2xx is a yes. */
export function resultOf(
  url: URL,
  answer: WebAnswer,
  {
    secrets,
    tookMs,
    steps,
  }: { readonly secrets: readonly string[]; readonly tookMs: number; readonly steps: readonly string[] },
): SendResult {
  const { status, location, retryAfterMs } = answer;
  const ok = status >= 200 && status < 300;
  const text = withoutSecrets(oneLine(answer.body), secrets);
  const said =
    text === '' ? 'nothing' : `"${text.length > SHOWN_BODY ? `${text.slice(0, SHOWN_BODY)}…` : text}"`;
  const head = withoutSecrets(oneLine(`${status} ${answer.statusText}`), secrets).slice(0, SHOWN_BODY);
  const shown = `${url.host} answers ${head}`;
  const message =
    location !== null && status >= 300 && status < 400
      ? `${shown}, and leads to ${location}: redirects are not followed; declare the address that it leads to`
      : `${shown}${ok ? '' : `: ${said}`}`;
  return {
    ok,
    message,
    ...(retryAfterMs !== null && !ok && { retryAfterMs }),
    steps: [...steps, `${head} after ${Math.round(tookMs)} ms`, `answer: ${said}`],
  };
}
