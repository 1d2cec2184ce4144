import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, describe, expect, test } from 'vitest';
import type { HttpSettings } from '../../../src/home/settings/settings.ts';
import { HttpListener } from '../../../src/controller/http/http-listener.ts';
import type { Failure } from '../../../src/lib/failure.ts';
import { err, ok } from '../../../src/lib/result.ts';
import type { Place, WebOptions } from '../../../src/web/model.ts';
import { certificate, type CertificateOptions } from '../../support/certificates.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { temporaryFolder } from '../../state/folder.ts';

const LOCAL: Place = { kind: 'tcp', host: '127.0.0.1', port: 9615 };
const OTHER: Place = { kind: 'tcp', host: '127.0.0.1', port: 9616 };
const ALL: Place = { kind: 'tcp', host: '0.0.0.0', port: 9615 };
const OFF: HttpSettings = {
  ...{ listen: null, tls: null, hosts: [], behindProxy: false, insecure: false },
  session: { idleMs: 1_000, maxMs: 1_000 },
};
const TAKEN: Failure = { code: 'CONFLICT', message: 'the port is taken', hint: 'another one' };
const DAY = 86_400_000;

/** A listener over a network of its own: what happens there is in `log`, and `taken` are the ports that others have. */
function rig() {
  const clock = new FakeClock(Date.now());
  const log: string[] = [];
  const events: string[] = [];
  const taken = new Set<number>();
  /** Addresses that cannot be had. */
  const others = new Set<string>();
  const refuseTls = { now: false };
  const listening = new Set<string>();
  const openWeb = (options: WebOptions) => {
    const { place, certificate: tls } = options;
    if (place.kind !== 'tcp') throw new Error('not here');
    const { host, port } = place;
    const [address, name] = [`${host}:${port}`, `${tls === null ? '' : 'tls '}${host}:${port}`];
    const isOurs = [...listening].some((one) => one.endsWith(`:${port}`));
    if (taken.has(port) || others.has(address) || isOurs || (refuseTls.now && tls !== null)) {
      log.push(`refused ${name}`);
      return Promise.resolve(err(TAKEN));
    }
    listening.add(address);
    log.push(`open ${name}`);
    return Promise.resolve(
      ok({
        ...{ address, port },
        renew: () => log.push(`renew ${name}`),
        adjust: ({ allowedHosts }: { readonly allowedHosts: readonly string[] }) =>
          log.push(`adjust ${name} [${allowedHosts.join()}]`),
        recheck: () => log.push(`recheck ${name}`),
        close: () => {
          listening.delete(address);
          log.push(`close ${name}`);
          return Promise.resolve();
        },
      }),
    );
  };
  const listener = new HttpListener({
    ...{ clock, openWeb, web: {} as never, log: () => undefined },
    tell: (_, reason) => events.push(reason),
    report: (failure) => events.push(failure === null ? 'followed' : 'failed'),
  });
  onTestFinished(() => listener.close());
  const want = (wanted: Partial<HttpSettings>): Promise<void> => listener.want({ ...OFF, ...wanted });
  const reasons = (): readonly string[] => listener.info?.problems.map(({ reason }) => reason) ?? [];
  return { clock, log, events, taken, others, refuseTls, listener, want, reasons };
}

function files(options: Partial<CertificateOptions> = {}) {
  const folder = temporaryFolder();
  const paths = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  const put = (more: Partial<CertificateOptions> = {}): void => {
    const made = certificate({ name: 'stateward', names: ['127.0.0.1'], ...more });
    writeFileSync(paths.cert, made.cert);
    writeFileSync(paths.key, made.key);
  };
  put({ to: new Date(Date.now() + 300 * DAY), ...options });
  return { ...paths, put };
}

describe('where it is listened', () => {
  test('is where the settings say, and nowhere without', async () => {
    const { listener, log, want, events } = rig();
    await want({});
    expect([listener.info, log]).toEqual([null, []]);
    await want({ listen: LOCAL });
    expect(listener.info).toMatchObject({
      ...{ listen: '127.0.0.1:9615', address: '127.0.0.1:9615', url: 'http://127.0.0.1:9615', problems: [] },
    });
    await want({});
    expect(listener.info).toBeNull();
    expect(log).toEqual(['open 127.0.0.1:9615', 'close 127.0.0.1:9615']);
    expect(events).toEqual(['HttpListening', 'HttpClosed']);
  });

  test('moves: the one before ends when the other listens', async () => {
    const { log, want } = rig();
    await want({ listen: LOCAL });
    await want({ listen: OTHER });
    expect(log).toEqual(['open 127.0.0.1:9615', 'open 127.0.0.1:9616', 'close 127.0.0.1:9615']);
  });

  test('stays where it was while the other cannot be had, says so, and tries again', async () => {
    const { clock, log, want, taken, listener, reasons, events } = rig();
    taken.add(9616);
    await want({ listen: LOCAL });
    await want({ listen: OTHER });
    expect(listener.info).toMatchObject({ listen: '127.0.0.1:9616', address: '127.0.0.1:9615' });
    expect(listener.info?.problems).toMatchObject([
      { reason: 'HttpUnheard', message: `http.listen: ${TAKEN.message}`, hint: TAKEN.hint },
    ]);
    for (let at = 0; at < 5; at++) {
      const { length } = log;
      clock.advance(30_000);
      await eventually(() => log.length > length);
    }
    taken.clear();
    clock.advance(30_000);
    await eventually(() => log.includes('close 127.0.0.1:9615'));
    expect(reasons()).toEqual([]);
    // Told once, however often it was tried.
    expect(events).toEqual(['HttpListening', 'failed', 'HttpListening', 'followed']);
  });

  test('is tried again when nothing listens yet', async () => {
    const { clock, want, taken, listener, log } = rig();
    taken.add(9615);
    await want({ listen: LOCAL });
    expect(listener.info).toMatchObject({ address: null, url: null });
    taken.clear();
    clock.advance(1_000);
    await eventually(() => listener.info?.address === '127.0.0.1:9615');
    expect(log).toEqual(['refused 127.0.0.1:9615', 'open 127.0.0.1:9615']);
  });

  test('goes back to the one before, where that had to go first, and lets go of it seldom', async () => {
    const { want, others, listener, log, reasons, clock } = rig();
    await want({ listen: LOCAL });
    others.add('0.0.0.0:9615');
    await want({ listen: ALL, insecure: true });
    expect(log).toEqual([
      'open 127.0.0.1:9615',
      'close 127.0.0.1:9615',
      'refused 0.0.0.0:9615',
      'open 127.0.0.1:9615',
    ]);
    expect(reasons()).toEqual(['HttpUnheard']);
    expect(listener.info).toMatchObject({ listen: '0.0.0.0:9615', address: '127.0.0.1:9615' });
    // The tenth try comes after more than the half minute that the others wait at most.
    for (let at = 0; at < 10; at++) {
      const { length } = log;
      clock.advance(clock.nextDelayMs() ?? 0);
      await eventually(() => log.length >= length + 3);
    }
    expect(clock.nextDelayMs()).toBe(300_000);
    others.clear();
    clock.advance(300_000);
    await eventually(() => listener.info?.address === '0.0.0.0:9615');
    expect(reasons()).toEqual([]);
  });

  test('says that nothing listens where the one before cannot be had again, and goes back as soon as it can', async () => {
    const { want, others, listener, reasons, clock } = rig();
    await want({ listen: LOCAL });
    for (const host of ['0.0.0.0', '127.0.0.1']) others.add(`${host}:9615`);
    await want({ listen: ALL, insecure: true });
    expect(listener.info).toMatchObject({
      address: null,
      problems: [
        {
          reason: 'HttpUnheard',
          message: expect.stringContaining('nothing listens, for the one before') as unknown,
        },
      ],
    });
    others.delete('127.0.0.1:9615');
    clock.advance(30_000);
    await eventually(() => listener.info?.address === '127.0.0.1:9615');
    expect(listener.info?.problems).toMatchObject([{ message: `http.listen: ${TAKEN.message}` }]);
    others.clear();
    clock.advance(300_000);
    await eventually(() => listener.info?.address === '0.0.0.0:9615');
    expect(reasons()).toEqual([]);
  });

  test('goes back to plain text where TLS cannot be had at the same port', async () => {
    const { want, refuseTls, listener, log, reasons } = rig();
    const { put: _put, ...tls } = files();
    await want({ listen: LOCAL });
    refuseTls.now = true;
    await want({ listen: LOCAL, tls });
    expect(log).toEqual([
      'open 127.0.0.1:9615',
      'close 127.0.0.1:9615',
      'refused tls 127.0.0.1:9615',
      'open 127.0.0.1:9615',
    ]);
    expect(reasons()).toEqual(['HttpUnheard']);
    expect(listener.info).toMatchObject({ address: '127.0.0.1:9615', certificateUntil: null });
  });

  test('is not where other machines reach it in plain text, unless that is said', async () => {
    const { want, listener, log } = rig();
    await want({ listen: LOCAL });
    await want({ listen: ALL });
    expect(listener.info).toMatchObject({ address: '127.0.0.1:9615', problems: [{ reason: 'HttpUnheard' }] });
    expect(listener.info?.problems[0]?.hint).toContain('http.insecure: true');
    expect(log).toEqual(['open 127.0.0.1:9615']);
    await want({ listen: ALL, insecure: true });
    expect(listener.info).toMatchObject({ address: '0.0.0.0:9615', problems: [] });
  });

  test('answers by other rules without listening anew', async () => {
    const { want, log } = rig();
    await want({ listen: LOCAL });
    await want({ listen: LOCAL, hosts: ['OPS.example.org'] });
    expect(log).toEqual(['open 127.0.0.1:9615', 'adjust 127.0.0.1:9615 [ops.example.org]']);
  });

  test('ends with the controller, and is not tried again after that', async () => {
    const { want, listener, log, taken, clock } = rig();
    taken.add(9615);
    await want({ listen: LOCAL });
    await listener.close();
    taken.clear();
    clock.advance(DAY);
    await want({ listen: LOCAL });
    expect(log).toEqual(['refused 127.0.0.1:9615']);
  });
});

describe('a certificate', () => {
  test('that is renewed on disk is taken without listening anew', async () => {
    const { want, listener, log, events, clock } = rig();
    const { put, ...tls } = files();
    await want({ listen: ALL, tls });
    expect(listener.info).toMatchObject({ url: 'https://127.0.0.1:9615', problems: [] });
    put();
    await eventually(() => {
      clock.advance(1_000);
      return log.includes('renew tls 0.0.0.0:9615');
    });
    expect(log.filter((line) => !line.startsWith('adjust'))).toEqual([
      'open tls 0.0.0.0:9615',
      'renew tls 0.0.0.0:9615',
    ]);
    expect(events).toEqual(['HttpListening', 'CertificateTaken']);
  });

  test('of which only half is there for a moment is no problem; for longer it is, and the one before is used', async () => {
    const { want, reasons, log, clock, listener } = rig();
    const { put, ...tls } = files();
    await want({ listen: LOCAL, tls });
    const until = listener.info?.certificateUntil;
    writeFileSync(tls.cert, certificate({ name: 'other' }).cert);
    await want({ listen: LOCAL, tls });
    expect(reasons()).toEqual([]);
    clock.advance(2_000);
    await eventually(() => reasons()[0] === 'CertificateUnusable');
    expect(listener.info).toMatchObject({ address: '127.0.0.1:9615', certificateUntil: until });
    expect(listener.info?.problems[0]?.message).toContain('is not the key of the certificate');
    put();
    await eventually(() => {
      clock.advance(1_000);
      return log.includes('renew tls 127.0.0.1:9615') && reasons().length === 0;
    });
  });

  test.each([
    [
      'that is not there',
      (tls: { cert: string }) => ({ ...tls, cert: `${tls.cert}.gone` }),
      'there is no such file',
    ],
    [
      'that is none',
      (tls: { cert: string }) => {
        writeFileSync(tls.cert, 'x');
        return tls;
      },
      'holds no certificate',
    ],
  ])('%s has nothing listen, rather than in plain text', async (_, spoil, why) => {
    const { want, listener, log } = rig();
    const { put: _put, ...tls } = files();
    await want({ listen: LOCAL, tls: spoil(tls) as typeof tls });
    expect(log).toEqual([]);
    expect(listener.info).toMatchObject({ address: null });
    expect(listener.info?.problems[0]?.message).toContain(why);
  });

  test.each([
    ['has ended', { from: new Date(Date.now() - 9 * DAY), to: new Date(Date.now() - DAY) }, 'has ended at'],
    ['ends soon', { from: new Date(Date.now() - 80 * DAY), to: new Date(Date.now() + 10 * DAY) }, 'ends at'],
    ['holds later', { from: new Date(Date.now() + DAY), to: new Date(Date.now() + 90 * DAY) }, 'holds from'],
  ])('that %s is used, and a problem says so until there is another', async (_, times, why) => {
    const { want, listener, reasons, clock } = rig();
    const { put, ...tls } = files(times);
    await want({ listen: LOCAL, tls });
    expect(listener.info).toMatchObject({
      address: '127.0.0.1:9615',
      problems: [{ reason: 'CertificateEnds', message: expect.stringContaining(why) as unknown }],
    });
    put({ to: new Date(Date.now() + 90 * DAY) });
    await eventually(() => {
      clock.advance(1_000);
      return reasons().length === 0;
    });
  });

  test('of six days is renewed in its last two', async () => {
    const { want, reasons, clock } = rig();
    const { put: _, ...tls } = files({ from: new Date(Date.now()), to: new Date(Date.now() + 6 * DAY) });
    await want({ listen: LOCAL, tls });
    clock.advance(3 * DAY);
    await want({ listen: LOCAL, tls });
    expect(reasons()).toEqual([]);
    clock.advance(1.5 * DAY);
    await want({ listen: LOCAL, tls });
    expect(reasons()).toEqual(['CertificateEnds']);
  });
});
