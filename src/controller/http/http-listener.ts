import type { HttpInfo } from '../../api/contract/wire/access/http.ts';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';
import { errorMessage } from '../../lib/system-error.ts';
import { createSerialQueue } from '../../state/serial-queue.ts';
import type { Place, WebListener, WebOptions, WebRules } from '../../web/model.ts';
import { isSame, readCertificate, timeProblem, type UsableCertificate } from './certificate.ts';
import { watchFolders } from './file-watch.ts';
import type { HttpSettings } from '../../home/settings/settings.ts';
import { overlap, placeText, plainRefusal, rulesOf, samePlace, systemPlace, urlOf } from './place.ts';
import { Problems, type Report, type Tell } from './problems.ts';

export interface HttpListenerOptions {
  /** What does not depend on the settings. */
  readonly web: Omit<WebOptions, keyof WebRules | 'place' | 'certificate'>;
  readonly openWeb: (options: WebOptions) => Promise<Result<WebListener, Failure>>;
  readonly clock: Clock;
  readonly tell: Tell;
  readonly report: Report;
  readonly log: (line: string) => void;
}

/** What is listened at. */
interface Open {
  readonly listener: WebListener;
  readonly place: Place;
  readonly settings: HttpSettings;
  readonly certificate: UsableCertificate | null;
}

/** The last: where one listener has to go before the other comes, a try lets go of whoever is connected. */
const RETRY = { firstMs: 1_000, mostMs: 30_000, mostOverlappingMs: 300_000 };
/** Files that belong together are not replaced in one moment. */
const HALF_RENEWED_MS = 2_000;
/** Where nothing tells of renewed files. */
const LOOK_MS = 60_000;

/**
 * Has it be listened as the settings say, now and later: one round compares what is with what is wanted, and does what is
 * missing. A round follows on whatever may have changed, one after the other. What listens is let go only for something that
 * listens; what cannot be had is a problem, and tried again.
 */
export class HttpListener {
  readonly #options: HttpListenerOptions;
  readonly #problems: Problems;
  readonly #enqueue = createSerialQueue();
  #wanted: HttpSettings | null = null;
  #open: Open | null = null;
  /** What had to go for something that could not be had, and could not be had again either. */
  #lost: Open | null = null;
  #failures = 0;
  /** The certificate in use is not the one on disk, which cannot be read for a moment. */
  #isHalfRenewed = false;
  #again: Cancel | null = null;
  #unwatch: Cancel | null = null;
  #isClosed = false;

  constructor(options: HttpListenerOptions) {
    this.#options = options;
    this.#problems = new Problems(options.clock, options.tell, options.report);
  }

  /** Resolves when it is so, or a problem says why not. */
  want(settings: HttpSettings): Promise<void> {
    this.#wanted = settings;
    this.#failures = 0;
    this.#watch(settings);
    return this.#round();
  }

  /** null: nothing is to be listened at. */
  get info(): HttpInfo | null {
    const listen = this.#wanted?.listen ?? null;
    if (listen === null) return null;
    const until = this.#open?.certificate?.until;
    return {
      listen: placeText(listen),
      address: this.#open?.listener.address ?? null,
      url: this.#open === null ? null : urlOf(this.#open.place, this.#open.settings),
      certificateUntil: until === undefined ? null : new Date(until).toISOString(),
      problems: this.#problems.list(),
    };
  }

  recheck(): void {
    this.#open?.listener.recheck();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#again?.();
    this.#unwatch?.();
    await this.#enqueue(async () => {
      await this.#open?.listener.close();
      this.#open = null;
    });
  }

  #round(): Promise<void> {
    return this.#enqueue(async () => {
      const wanted = this.#wanted;
      if (this.#isClosed || wanted === null) return;
      this.#again?.();
      this.#again = null;
      await this.#settle(wanted);
    }).catch((error: unknown) => {
      this.#options.log(`http: ${errorMessage(error)}`);
      this.#later(RETRY.mostMs);
    });
  }

  async #settle(wanted: HttpSettings): Promise<void> {
    if (wanted.listen === null) return this.#turnOff();
    const place = systemPlace(wanted.listen);
    const refusal = plainRefusal(place, wanted);
    // Another setting is what helps.
    if (refusal !== null) {
      this.#problems.unheard(refusal);
      return;
    }
    const read = wanted.tls === null ? null : await readCertificate(wanted.tls);
    const there = this.#open !== null && samePlace(this.#open.place, place) ? this.#open : null;
    if (read !== null && !read.ok) {
      this.#withoutCertificate(read.error, wanted, there);
      return;
    }
    const certificate = read?.value ?? null;
    this.#isHalfRenewed = false;
    if (there !== null && (there.certificate === null) === (certificate === null)) {
      this.#adjust(there, wanted, certificate);
    } else if (!(await this.#move(place, wanted, certificate))) return;
    this.#failures = 0;
    this.#problems.heard();
    this.#judge(certificate, wanted);
  }

  async #turnOff(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    this.#lost = null;
    this.#problems.clear();
    if (open === null) return;
    await open.listener.close();
    this.#say('HttpClosed', `does not listen at ${open.listener.address} any more (http.listen)`);
  }

  /** Whoever listens with TLS at the place goes on with the certificate that it has. */
  #withoutCertificate(failure: Failure, wanted: HttpSettings, there: Open | null): void {
    if (there === null || there.certificate === null) {
      this.#problems.unheard(failure);
      this.#later(this.#backOff(RETRY.mostMs));
      return;
    }
    this.#adjust(there, wanted, there.certificate);
    if (!this.#isHalfRenewed) {
      this.#isHalfRenewed = true;
      this.#later(HALF_RENEWED_MS);
      return;
    }
    this.#problems.certificate('CertificateUnusable', failure);
    this.#later(this.#backOff(RETRY.mostMs));
  }

  #adjust(open: Open, wanted: HttpSettings, certificate: UsableCertificate | null): void {
    open.listener.adjust(rulesOf(wanted, open.place));
    this.#open = { ...open, settings: wanted, certificate };
    if (certificate !== null && !isSame(certificate, open.certificate)) {
      open.listener.renew(certificate);
      const until = new Date(certificate.until).toISOString();
      this.#problems.certificateEnds('CertificateUnusable', null);
      this.#say('CertificateTaken', `uses the certificate that is on disk now; it holds until ${until}`);
    }
  }

  /** Whether it listens there now. */
  async #move(place: Place, wanted: HttpSettings, certificate: UsableCertificate | null): Promise<boolean> {
    const before = this.#open;
    const isInTheWay = before !== null && overlap(before.place, place);
    if (isInTheWay) {
      this.#open = null;
      await before.listener.close();
    }
    const opened = await this.#listen(place, wanted, certificate);
    if (opened.ok) {
      this.#open = { listener: opened.value, place, settings: wanted, certificate };
      this.#lost = null;
      this.#say('HttpListening', `listens at ${opened.value.address}${certificate === null ? '' : ' (TLS)'}`);
      if (before !== null && !isInTheWay) await before.listener.close();
      return true;
    }
    const back = isInTheWay ? before : this.#open === null ? this.#lost : null;
    const lost = back === null ? null : await this.#goBack(back);
    const message = [`http.listen: ${opened.error.message}`, ...(lost === null ? [] : [lost])].join('; ');
    this.#problems.unheard({ ...opened.error, message });
    this.#later(this.#backOff(isInTheWay && lost === null ? RETRY.mostOverlappingMs : RETRY.mostMs));
    return false;
  }

  /** Listens again where it did before. Why it cannot, and nothing listens; null: it does. */
  async #goBack(back: Open): Promise<string | null> {
    const { place, settings, certificate } = back;
    const opened = await this.#listen(place, settings, certificate);
    this.#lost = opened.ok ? null : back;
    if (!opened.ok) return `nothing listens, for the one before cannot be had again: ${opened.error.message}`;
    this.#open = { listener: opened.value, place, settings, certificate };
    return null;
  }

  #listen(
    place: Place,
    settings: HttpSettings,
    certificate: UsableCertificate | null,
  ): Promise<Result<WebListener, Failure>> {
    const { web, openWeb } = this.#options;
    return openWeb({ ...web, ...rulesOf(settings, place), place, certificate });
  }

  /** How long the certificate in use holds. */
  #judge(certificate: UsableCertificate | null, { tls }: HttpSettings): void {
    const { clock } = this.#options;
    this.#problems.certificateEnds('CertificateUnusable', 'uses the certificate that is on disk');
    const problem = certificate === null ? null : timeProblem(certificate, tls?.cert ?? '', clock.now());
    if (problem === null) this.#problems.certificateEnds('CertificateEnds', 'the certificate in use holds');
    else this.#problems.certificate('CertificateEnds', problem);
    if (certificate !== null) this.#later(LOOK_MS);
  }

  #watch({ tls }: HttpSettings): void {
    this.#unwatch?.();
    this.#unwatch = null;
    if (tls === null) return;
    this.#unwatch = watchFolders([tls.cert, tls.key], this.#options.clock, () => void this.#round());
  }

  #later(delayMs: number): void {
    this.#again?.();
    if (this.#isClosed) return;
    this.#again = this.#options.clock.after(delayMs, () => void this.#round());
  }

  #backOff(mostMs: number): number {
    return Math.min(mostMs, RETRY.firstMs * 2 ** Math.min(20, this.#failures++));
  }

  #say(reason: Parameters<Tell>[1], message: string): void {
    this.#options.log(`http: ${message}`);
    this.#options.tell('info', reason, message);
  }
}
