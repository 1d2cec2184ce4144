import { hostname } from 'node:os';
import { rootCertificates } from 'node:tls';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { errorCode, errorMessage } from '../../lib/system-error.ts';
import type { EmailTarget } from '../model/receiver.ts';
import type { Notification } from '../render/notification.ts';
import { mailText } from '../render/mail.ts';
import { oneLine } from '../render/text.ts';
import { SEND_LIMIT_MS, type SendResult } from './jobs.ts';
import { readBounded, readSecret, SendProblem, withoutSecrets } from './secrets.ts';

/** What a server may say at once. */
const MAX_RESPONSE_BYTES = 64 * 1024;
const SHOWN_ANSWER = 200;

/** Sends a message by SMTP. One recipient that takes it is enough; those that do not are told of. */
export async function sendEmail(target: EmailTarget, notification: Notification): Promise<SendResult> {
  const { host, port, security, caFile, username, passwordFile } = target;
  const password = passwordFile === null ? null : await readSecret(passwordFile, 'the password');
  const ca = caFile === null ? undefined : [...rootCertificates, await readBounded(caFile, 'certificates')];
  const message = mailText(notification, { ...target, hostname: hostname() });
  const steps: string[] = [];
  const shown = (text: string): string =>
    withoutSecrets(oneLine(text), password === null ? [] : [password]).slice(0, SHOWN_ANSWER);
  const connection = new SMTPConnection({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    connectionTimeout: SEND_LIMIT_MS,
    dnsTimeout: SEND_LIMIT_MS,
    greetingTimeout: SEND_LIMIT_MS,
    socketTimeout: SEND_LIMIT_MS,
    maxResponseSize: MAX_RESPONSE_BYTES,
    tls: { rejectUnauthorized: true, ...(ca !== undefined && { ca }) },
  });
  const talk = async (): Promise<string> => {
    await step((done) => connection.connect(done));
    steps.push(`connected to ${host}:${port}, ${connection.secure ? 'encrypted' : 'not encrypted'}`);
    if (username !== null && password !== null) {
      await step((done) => connection.login({ user: username, pass: password }, (error) => done(error)));
      steps.push(`logged in as ${username}`);
    }
    const envelope = { from: target.from, to: [...target.recipients] };
    const info = await step<Sent | undefined>((done) => connection.send(envelope, message, done));
    const refused = (info?.rejected ?? []).map(String);
    if (refused.length > 0) steps.push(`refused for ${refused.join(', ')}`);
    steps.push(`${Buffer.byteLength(message)} bytes sent: ${shown(info?.response ?? '')}`);
    connection.quit();
    return `${host} answers ${shown(info?.response ?? '')}${refused.length === 0 ? '' : `; it refuses ${refused.join(', ')}`}`;
  };
  try {
    return { ok: true, message: await withinLimit(talk(), host), steps };
  } catch (error) {
    const why = shown(whyNot(host, error));
    return { ok: false, message: why, steps: [...steps, why] };
  } finally {
    connection.on('error', () => undefined);
    connection.close();
  }

  /** One exchange; the connection may break instead of answering. */
  function step<T = void>(begin: (done: (error?: Error | null, value?: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      connection.once('error', reject);
      connection.once('end', () => reject(new SendProblem(`${host} has ended the connection`)));
      begin((error, value) => {
        if (error instanceof Error) reject(error);
        else resolve(value as T);
      });
    });
  }
}

interface Sent {
  readonly response?: string;
  readonly rejected?: readonly unknown[];
}

/** Whatever the server does: all of it has the time of one job. */
async function withinLimit<T>(work: Promise<T>, host: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new SendProblem(`${host} has not taken it within ${SEND_LIMIT_MS / 1000} s`)),
      SEND_LIMIT_MS,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function whyNot(host: string, error: unknown): string {
  if (error instanceof SendProblem) return error.message;
  const code = errorCode(error);
  const response: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, 'response') : null;
  if (code === 'ETLS') {
    return `${host} does not offer a good encryption: ${errorMessage(error)} (ca_file names who else may vouch for it)`;
  }
  if (code === 'EAUTH') return `${host} does not take the user or the password: ${String(response)}`;
  if (typeof response === 'string' && response !== '') return `${host} answers ${response}`;
  return `${host} is not reached: ${errorMessage(error)}`;
}
