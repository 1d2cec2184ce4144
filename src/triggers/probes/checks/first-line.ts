import type { IncomingMessage } from 'node:http';

/** This much of the body is looked at. */
const MAX_BYTES = 1_024;
const MAX_LENGTH = 120;
/** The status is known already: whoever does not say more soon says nothing more. */
const WAIT_MS = 100;
/** Whatever could change a terminal, or break a line. */
const CONTROL = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/** The first line of what a server says with a bad status, for people; null: none, or none to read. */
export function firstLine(response: IncomingMessage): Promise<string | null> {
  const { 'content-type': type = 'text/plain', 'content-encoding': encoding } = response.headers;
  if (encoding !== undefined || !/^(?:text\/plain|application\/(?:[\w.+-]*\+)?json)\b/i.test(type))
    return Promise.resolve(null);
  return new Promise((resolve) => {
    let text = '';
    const timer = setTimeout(() => done(), WAIT_MS);
    const done = (): void => {
      clearTimeout(timer);
      const line = text.split(/[\r\n]+/).find((one) => one.trim() !== '');
      resolve(line === undefined ? null : shown(line));
    };
    response.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (text.length >= MAX_BYTES || /\S[^\n]*\n/.test(text)) done();
    });
    response.on('close', done);
    response.on('error', done);
  });
}

export function shown(line: string): string {
  const plain = line.replaceAll(CONTROL, ' ').trim();
  return plain.length > MAX_LENGTH ? `${plain.slice(0, MAX_LENGTH)}...` : plain;
}
