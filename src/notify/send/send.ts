import { unreachable } from '../../lib/unreachable.ts';
import { errorMessage } from '../../lib/system-error.ts';
import type { SendJob, SendResult } from './jobs.ts';
import { sendExec } from './exec.ts';
import { sendSlack, sendWebhook } from './webhook.ts';
import { SendProblem } from './secrets.ts';

/** Carries out one job. Never throws. */
export async function send(job: Pick<SendJob, 'target' | 'message'>): Promise<SendResult> {
  try {
    return await sendTo(job);
  } catch (error) {
    const message = error instanceof SendProblem ? error.message : `internal error: ${errorMessage(error)}`;
    return { ok: false, message, steps: [message] };
  }
}

async function sendTo({ target, message }: Pick<SendJob, 'target' | 'message'>): Promise<SendResult> {
  if (message.kind === 'status') throw new SendProblem('only a receiver of commit statuses takes one');
  const { notification } = message;
  switch (target.kind) {
    case 'webhook':
      return sendWebhook(target, notification);
    case 'slack':
      return sendSlack(target, notification);
    case 'exec':
      return sendExec(target, notification);
    case 'email':
    case 'commit_status':
      throw new SendProblem('not yet');
    default:
      return unreachable(target);
  }
}
