import { createHmac } from 'node:crypto';
import type { Address, SlackTarget, WebhookTarget } from '../model/receiver.ts';
import type { Notification } from '../render/notification.ts';
import { slackBody } from '../render/slack.ts';
import { resultOf } from './answer.ts';
import type { SendResult } from './jobs.ts';
import { readSecret, secretsOf } from './secrets.ts';
import { ask, webAddress } from './web.ts';

/** Posts a message as JSON, signed as GitHub signs: `sha256=` and the HMAC-SHA256 of the body, in hex. */
export async function sendWebhook(
  { address, secretFile, tokenFile, insecure, caFile }: WebhookTarget,
  notification: Notification,
): Promise<SendResult> {
  const body = JSON.stringify(notification);
  const secret = secretFile === null ? null : await readSecret(secretFile, 'the key of the signature');
  const token = tokenFile === null ? null : await readSecret(tokenFile, 'the token');
  const headers = {
    ...deliveryHeaders(notification.id),
    ...(secret !== null && {
      'x-stateward-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    }),
    ...(token !== null && { authorization: `Bearer ${token}` }),
  };
  const signed = secret === null ? 'not signed' : 'signed with HMAC-SHA256';
  return posted({ address, insecure, caFile, headers, body, secrets: [secret, token], how: signed });
}

export async function sendSlack(
  { address, insecure, caFile }: SlackTarget,
  notification: Notification,
): Promise<SendResult> {
  const body = JSON.stringify(slackBody(notification));
  const headers = deliveryHeaders(notification.id);
  return posted({ address, insecure, caFile, headers, body, secrets: [], how: 'as one text' });
}

export function deliveryHeaders(id: string): Readonly<Record<string, string>> {
  return {
    'content-type': 'application/json',
    'user-agent': `stateward/${process.env.STATEWARD_VERSION ?? '0'}`,
    'x-stateward-delivery': id,
  };
}

async function posted({
  address,
  insecure,
  caFile,
  headers,
  body,
  secrets,
  how,
}: {
  readonly address: Address;
  readonly insecure: boolean;
  readonly caFile: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly secrets: readonly (string | null)[];
  readonly how: string;
}): Promise<SendResult> {
  const text = address.kind === 'url' ? address.url : await readSecret(address.file, 'the address');
  const url = webAddress(text.trim(), { insecure });
  const begun = performance.now();
  const answer = await ask({ method: 'POST', url, headers, body, caFile });
  return resultOf(url, answer, {
    secrets: [text, ...secretsOf(url), ...secrets.filter((one) => one !== null)],
    tookMs: performance.now() - begun,
    steps: [`POST to ${url.protocol}//${url.host}, ${Buffer.byteLength(body)} bytes of JSON, ${how}`],
  });
}
