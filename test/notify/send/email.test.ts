import { createServer, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { EmailTarget } from '../../../src/notify/model/receiver.ts';
import type { SendResult } from '../../../src/notify/send/jobs.ts';
import { send } from '../../../src/notify/send/send.ts';
import type { Notification } from '../../../src/notify/render/notification.ts';
import { certificate } from '../../support/certificates.ts';
import { Files, notification, portOf } from './support.ts';

const limit = vi.hoisted(() => ({ ms: 0 }));
vi.mock('../../../src/notify/send/jobs.ts', () => ({
  get SEND_LIMIT_MS() {
    return limit.ms;
  },
}));
beforeEach(() => {
  limit.ms = 20_000;
});

const PASSWORD = 's3cret-of-the-mailer';
const { cert, key } = certificate({ name: 'localhost', names: ['localhost'], isAuthority: true });

interface Behaviour {
  readonly greeting?: string;
  readonly starttls?: boolean;
  /** Encrypted from the first byte. */
  readonly tls?: boolean;
  /** Its answer to what begins so, instead of the usual one. */
  readonly answers?: Readonly<Record<string, string>>;
  /** Talks on without an end after the greeting. */
  readonly floods?: boolean;
  readonly silent?: boolean;
}

/** A mail server that speaks as much SMTP as is needed, and keeps what it hears. */
class Mail implements AsyncDisposable {
  readonly heard: string[] = [];
  mail = '';
  port = 0;
  readonly #sockets = new Set<Socket>();
  readonly #behaviour: Behaviour;
  readonly #server = createServer((socket) => {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    this.#serve(this.#behaviour.tls === true ? secured(socket) : socket, true);
  });

  constructor(behaviour: Behaviour = {}) {
    this.#behaviour = behaviour;
  }

  async open(): Promise<this> {
    this.port = await portOf(this.#server);
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket, greets: boolean): void {
    const { greeting = '220 mail ready', silent, floods } = this.#behaviour;
    if (silent === true) return;
    socket.on('error', () => undefined);
    const say = (text: string): void => void socket.write(`${text}\r\n`);
    if (greets) say(greeting);
    if (floods === true) flood(socket);
    let inData = false;
    let rest = '';
    const onData = (chunk: Buffer): void => {
      rest += chunk.toString();
      for (let end = rest.indexOf('\r\n'); end !== -1; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (inData) {
          if (line === '.') {
            inData = false;
            say(this.#answer('.', '250 2.0.0 queued as 42'));
          } else this.mail += `${line}\n`;
          continue;
        }
        this.heard.push(line);
        const word = line.split(' ')[0]?.toUpperCase() ?? '';
        if (word === 'STARTTLS') {
          say('220 go ahead');
          socket.removeListener('data', onData);
          this.#serve(secured(socket), false);
          return;
        }
        if (word === 'DATA') inData = true;
        say(this.#answer(line, this.#usual(word, socket)));
      }
    };
    socket.on('data', onData);
  }

  #usual(word: string, socket: Socket): string {
    if (word === 'EHLO') {
      const offersTls = this.#behaviour.starttls === true && !(socket instanceof TLSSocket);
      return ['250-mail', ...(offersTls ? ['250-STARTTLS'] : []), '250 AUTH PLAIN LOGIN'].join('\r\n');
    }
    if (word === 'AUTH') return '235 welcome';
    return word === 'DATA' ? '354 go on' : '250 ok';
  }

  #answer(line: string, usual: string): string {
    const { answers = {} } = this.#behaviour;
    return Object.entries(answers).find(([begin]) => line.startsWith(begin))?.[1] ?? usual;
  }
}

function secured(socket: Socket): TLSSocket {
  return new TLSSocket(socket, { isServer: true, secureContext: createSecureContext({ cert, key }) });
}

function flood(socket: Socket): void {
  const more = (): void => {
    if (socket.destroyed) return;
    if (socket.write('250-x'.repeat(10_000))) setImmediate(more);
    else socket.once('drain', more);
  };
  more();
}

function target(mail: Mail, more: Partial<EmailTarget> = {}): EmailTarget {
  return {
    kind: 'email',
    host: 'localhost',
    port: mail.port,
    security: 'none',
    from: 'stateward@example.org',
    recipients: ['ops@example.org', 'boss@example.org'],
    username: null,
    passwordFile: null,
    caFile: null,
    ...more,
  };
}

function sendTo(to: EmailTarget, more: Partial<Notification> = {}): Promise<SendResult> {
  return send({ target: to, message: { kind: 'notification', notification: notification(more) } });
}

describe('an e-mail', () => {
  it('has a subject, a text, and an id that stays the same', async () => {
    await using mail = await new Mail().open();
    const result = await sendTo(target(mail), { title: 'Grüße\r\nBcc: evil@example.org' });
    expect(result).toMatchObject({ ok: true, message: 'localhost answers 250 2.0.0 queued as 42' });
    expect(mail.heard).toEqual([
      expect.stringMatching(/^EHLO /),
      'MAIL FROM:<stateward@example.org>',
      'RCPT TO:<ops@example.org>',
      'RCPT TO:<boss@example.org>',
      'DATA',
      ...(mail.heard.length > 5 ? ['QUIT'] : []),
    ]);
    expect(mail.mail).toMatch(/^Message-ID: <id-1@/m);
    expect(mail.mail).toMatch(/^Subject: =\?UTF-8\?/m);
    expect(mail.mail).not.toMatch(/^Bcc:/m);
    const [head = '', body = ''] = mail.mail.split('\n\n');
    const subject = [...head.matchAll(/=\?UTF-8\?B\?([^?]*)\?=/g)].map(([, word]) =>
      Buffer.from(word ?? '', 'base64'),
    );
    expect(Buffer.concat(subject).toString()).toBe('[web-1] Grüße Bcc: evil@example.org');
    expect(Buffer.from(body, 'base64').toString()).toContain('message id-1');
    expect(Math.max(...mail.mail.split('\n').map((line) => line.length))).toBeLessThanOrEqual(78);
  });

  it.each(['starttls', 'tls'] as const)(
    'is sent by %s with a password that is shown nowhere',
    async (security) => {
      await using mail = await new Mail(security === 'tls' ? { tls: true } : { starttls: true }).open();
      using files = new Files();
      const more = {
        security,
        username: 'ann',
        passwordFile: files.write('password', `${PASSWORD}\n`),
        caFile: files.write('ca.pem', cert),
      } as const;
      const result = await sendTo(target(mail, more));
      expect(result).toMatchObject({ ok: true });
      expect(result.steps).toContain('logged in as ann');
      expect(mail.heard).toContain(`AUTH PLAIN ${Buffer.from(`\0ann\0${PASSWORD}`).toString('base64')}`);
      expect(JSON.stringify(result)).not.toContain(PASSWORD);
    },
  );

  it('is not sent to a server that does not encrypt, or with a certificate of somebody else', async () => {
    await using plain = await new Mail().open();
    const none = await sendTo(target(plain, { security: 'starttls' }));
    expect(none).toMatchObject({ ok: false });
    expect(plain.heard.some((line) => /^(?:AUTH|MAIL)/.test(line))).toBe(false);
    for (const behaviour of [{ starttls: true }, { tls: true }]) {
      await using mail = await new Mail(behaviour).open();
      const security = behaviour.tls === true ? 'tls' : 'starttls';
      const result = await sendTo(target(mail, { security }));
      expect(result).toMatchObject({
        ok: false,
        message: expect.stringMatching(/encryption|certificate/) as string,
      });
      expect(mail.heard.some((line) => /^(?:AUTH|MAIL)/.test(line))).toBe(false);
    }
  });

  it('that one recipient takes and another does not is delivered, and says so', async () => {
    await using mail = await new Mail({ answers: { 'RCPT TO:<boss': '550 no such user' } }).open();
    const result = await sendTo(target(mail));
    expect(result).toMatchObject({
      ok: true,
      message: expect.stringContaining('refuses boss@example.org') as string,
    });
  });

  it.each<[string, Behaviour, RegExp]>([
    ['refuses the message', { answers: { '.': '554 spam' } }, /answers 554 spam/],
    ['refuses everybody', { answers: { RCPT: '550 no such user' } }, /550 no such user/],
    ['is no mail server', { greeting: 'HTTP/1.1 400 Bad Request' }, /./],
    ['says nothing', { silent: true }, /./],
    ['talks without an end', { floods: true }, /./],
  ])('is not delivered by a server that %s, within its time', async (_, behaviour, text) => {
    limit.ms = 2_000;
    await using mail = await new Mail(behaviour).open();
    const result = await sendTo(target(mail));
    expect(result.ok).toBe(false);
    expect(result.message).toMatch(text);
  });

  it('is not delivered with a password that is wrong, which is shown nowhere', async () => {
    await using mail = await new Mail({ starttls: true, answers: { AUTH: `535 not ${PASSWORD}` } }).open();
    using files = new Files();
    const passwordFile = files.write('password', PASSWORD);
    const caFile = files.write('ca.pem', cert);
    const result = await sendTo(
      target(mail, { security: 'starttls', username: 'ann', passwordFile, caFile }),
    );
    expect(result).toMatchObject({
      ok: false,
      message: expect.stringMatching(/user or the password/) as string,
    });
    expect(JSON.stringify(result)).not.toContain(PASSWORD);
  });
});
