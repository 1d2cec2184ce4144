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
  if (target.kind === 'commit_status') {
    // Each of these is loaded when one of its kind is sent.
    const { sendCommitStatus, tryCommitStatus } = await import('./commit-status.ts');
    if (message.kind === 'status') return sendCommitStatus(target, message);
    if (message.kind === 'try-status') return tryCommitStatus(target, message.remotes);
    throw new SendProblem('it takes commit statuses only');
  }
  if (message.kind !== 'notification') throw new SendProblem('it takes no commit statuses');
  const { notification } = message;
  switch (target.kind) {
    case 'webhook':
      return sendWebhook(target, notification);
    case 'slack':
      return sendSlack(target, notification);
    case 'exec':
      return sendExec(target, notification);
    case 'email': {
      const { sendEmail } = await import('./email.ts');
      return sendEmail(target, notification);
    }
    default:
      return unreachable(target);
  }
}
