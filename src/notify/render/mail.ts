import type { Notification } from './notification.ts';
import { oneLine, plainText, subjectText } from './text.ts';

export interface MailOf {
  readonly from: string;
  readonly recipients: readonly string[];
  /** Of the host that it is from, for its id. */
  readonly hostname: string;
}

const MAX_SUBJECT = 200;
/** So many bytes in an encoded word: in base64, with what stands around it, they stay below its 75 characters. */
const WORD_BYTES = 42;
const LINE = 76;

/** A message as mail (RFC 5322, MIME): a plain text. Whoever gets it twice can tell by its Message-ID. */
export function mailText(notification: Notification, { from, recipients, hostname }: MailOf): string {
  const { id, at, severity } = notification;
  const headers = [
    ['From', `stateward <${from}>`],
    ['To', recipients.join(',\r\n ')],
    ['Subject', headerText(subjectText(notification).slice(0, MAX_SUBJECT))],
    ['Date', new Date(at).toUTCString().replace('GMT', '+0000')],
    ['Message-ID', `<${id}@${hostname.replaceAll(/[^A-Za-z0-9.-]/g, '-')}>`],
    ['MIME-Version', '1.0'],
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['Content-Transfer-Encoding', 'base64'],
    ['Auto-Submitted', 'auto-generated'],
    ['X-Stateward-Delivery', id],
    ['X-Stateward-Severity', severity],
  ];
  const head = headers.map(([name, value]) => `${name ?? ''}: ${value ?? ''}\r\n`).join('');
  return `${head}\r\n${wrapped(Buffer.from(plainText(notification)).toString('base64'))}`;
}

/** Text in a header: as it is, or as encoded words (RFC 2047) where it could not stand so. */
function headerText(text: string): string {
  const line = oneLine(text);
  if (/^[\x20-\x7e]{0,66}$/.test(line) && !line.includes('=?')) return line;
  const words: string[] = [];
  let word = '';
  for (const char of line) {
    if (Buffer.byteLength(word + char) > WORD_BYTES) {
      words.push(word);
      word = '';
    }
    word += char;
  }
  return [...words, word].map((one) => `=?UTF-8?B?${Buffer.from(one).toString('base64')}?=`).join('\r\n ');
}

function wrapped(base64: string): string {
  return (base64.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? []).map((line) => `${line}\r\n`).join('');
}
