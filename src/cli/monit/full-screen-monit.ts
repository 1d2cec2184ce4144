import type { LogLine } from '../../api/contract/wire/logs.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { Cancel } from '../../lib/clocks/clock.ts';
import { openFullScreen, type FullScreen } from '../screen/full-screen.ts';
import { frame } from './frames/frame.ts';
import type { Effect } from './model/effects.ts';
import { flushKeys, readKeys, type Key } from './model/keys.ts';
import { initialState, LOG_LINES, type MonitState } from './model/state.ts';
import { update, type Input } from './model/update.ts';
import type { MonitEnd, MonitPorts } from './ports.ts';

const TICK_MS = 1_000;
/** As often as the daemon samples what processes use. */
const TICKS_PER_SAMPLE = 2;
const AGAIN_MS = 1_000;
/** A sequence that a key sends comes at once; after this long an Esc is an Esc. */
const ESCAPE_MS = 60;
/** Somebody who runs down the list does not open the log of every app on the way. */
const SETTLE_MS = 150;

/** Runs monit on a terminal until somebody leaves it. */
export function runMonit(ports: MonitPorts): Promise<MonitEnd> {
  return new Promise((resolve) => new Session(ports, resolve).begin());
}

/** The edge: what comes in becomes inputs of `update`, and its effects are carried out. */
class Session {
  readonly #ports: MonitPorts;
  readonly #resolve: (end: MonitEnd) => void;
  readonly #ended = new AbortController();
  readonly #cancels = new Map<'tick' | 'escape' | 'follow', Cancel>();
  #state: MonitState;
  #screen: FullScreen | undefined;
  #log = new AbortController();
  #typed = '';

  constructor(ports: MonitPorts, resolve: (end: MonitEnd) => void) {
    this.#ports = ports;
    this.#resolve = resolve;
    const { output, clock, readOnly } = ports;
    const size = { columns: output.columns || 80, rows: output.rows || 24 };
    this.#state = initialState({ size, nowMs: clock.now(), readOnly });
  }

  begin(): void {
    const { input, output, clock, style } = this.#ports;
    this.#screen = openFullScreen({
      ...{ input, output, clock, colors: style.enabled },
      frame: () => frame(this.#state, { style }),
      onInput: (text) => this.#onTyped(text),
      onSize: (size) => this.#take({ kind: 'size', size }),
      onEnd: (signal) => this.#end(signal),
    });
    this.#tick(1);
    void this.#watch();
  }

  #end(end: MonitEnd): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    this.#log.abort();
    for (const cancel of this.#cancels.values()) cancel();
    this.#screen?.close();
    this.#resolve(end);
  }

  #take(input: Input): void {
    if (this.#ended.signal.aborted) return;
    const { state, effects } = update(this.#state, input);
    const isSame = state === this.#state;
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
    if (input.kind === 'key') this.#screen?.now();
    else if (!isSame) this.#screen?.wanted();
  }

  #onTyped(text: string): void {
    this.#cancels.get('escape')?.();
    const { keys, rest } = readKeys(this.#typed + text);
    this.#typed = rest;
    for (const key of keys) this.#press(key);
    if (rest === '') return;
    const flush = (): void => {
      const pending = flushKeys(this.#typed);
      this.#typed = '';
      for (const key of pending) this.#press(key);
    };
    this.#cancels.set('escape', this.#ports.clock.after(ESCAPE_MS, flush));
  }

  #press(key: Key): void {
    this.#take({ kind: 'key', key });
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case 'quit':
        this.#end('left');
        break;
      case 'suspend':
        this.#screen?.suspend();
        break;
      case 'redraw':
        this.#screen?.redraw();
        break;
      case 'follow':
        this.#follow(effect.app);
        break;
      case 'load':
        void this.#load(effect);
        break;
      case 'act':
        void this.#act(effect);
        break;
    }
  }

  async #load({ topic, app }: Extract<Effect, { readonly kind: 'load' }>): Promise<void> {
    const live = app === null ? undefined : this.#state.apps.get(app);
    this.#take({ kind: 'text', topic, app, lines: await this.#ports.load(topic, app, live) });
  }

  async #act({ action, app }: Extract<Effect, { readonly kind: 'act' }>): Promise<void> {
    this.#take({ kind: 'said', text: `${action} ${app} …`, isError: false });
    try {
      this.#take({ kind: 'said', text: await this.#ports.act(action, app), isError: false });
    } catch (error) {
      this.#take({ kind: 'said', text: this.#ports.textOf(error), isError: true });
    }
  }

  /** Time, and whether the controller answers: a stream that is silent does not tell. */
  #tick(count: number): void {
    const { clock } = this.#ports;
    this.#cancels.set(
      'tick',
      clock.after(TICK_MS, () => {
        const sampled = count % TICKS_PER_SAMPLE === 0;
        this.#take({ kind: 'tick', nowMs: clock.now(), sampled });
        if (sampled) void this.#ping();
        this.#tick(count + 1);
      }),
    );
  }

  async #ping(): Promise<void> {
    const answer = await this.#ports.api.ping();
    this.#take(answer.ok ? { kind: 'up' } : { kind: 'lost', why: answer.error.message });
  }

  /** What changes, for as long as monit runs: a controller that goes is waited for. */
  async #watch(): Promise<void> {
    const { api, selectors, textOf } = this.#ports;
    const query = {
      selectors,
      spec: 'none',
      detail: 'brief',
      usage: true,
      agents: true,
      partial: true,
    } as const;
    while (!this.#ended.signal.aborted) {
      void this.#remember();
      try {
        for await (const list of api.watchApps(query, { signal: this.#ended.signal })) {
          this.#take({ kind: 'up' });
          this.#take({ kind: 'list', list });
        }
      } catch (error) {
        this.#take({ kind: 'lost', why: textOf(error) });
      }
      await this.#pause(AGAIN_MS, this.#ended.signal);
    }
  }

  /** A daemon that is older remembers nothing: then it begins now. */
  async #remember(): Promise<void> {
    const { api, selectors } = this.#ports;
    const known = await api.usageHistory({ selectors });
    if (known.ok) this.#take({ kind: 'histories', histories: known.value });
  }

  #follow(app: AppKey | null): void {
    this.#log.abort();
    this.#log = new AbortController();
    const { signal } = this.#log;
    this.#cancels.get('follow')?.();
    if (app === null) return;
    this.#cancels.set(
      'follow',
      this.#ports.clock.after(SETTLE_MS, () => void this.#readLog(app, signal)),
    );
  }

  async #readLog(app: AppKey, signal: AbortSignal): Promise<void> {
    const { api, textOf, clock } = this.#ports;
    let lines: LogLine[] = [];
    let isDue = false;
    // What was read before a stream broke comes again.
    let isAnew = true;
    const give = (): void => {
      isDue = false;
      if (!signal.aborted) this.#take({ kind: 'log', app, lines, isAnew });
      lines = [];
      isAnew = false;
    };
    const query = { selectors: [app], lines: LOG_LINES / 4, stream: 'all', follow: true } as const;
    while (!signal.aborted) {
      isAnew = true;
      try {
        for await (const line of api.logs(query, { signal })) {
          lines.push(line);
          // A flood becomes a few changes a second, and only its end is kept.
          if (lines.length > 2 * LOG_LINES) lines = lines.slice(-LOG_LINES);
          if (!isDue) clock.after(SETTLE_MS, give);
          isDue = true;
        }
      } catch (error) {
        this.#take({ kind: 'log-problem', app, problem: textOf(error) });
      }
      await this.#pause(AGAIN_MS, signal);
    }
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const cancel = this.#ports.clock.after(ms, resolve);
      signal.addEventListener(
        'abort',
        () => {
          cancel();
          resolve();
        },
        { once: true },
      );
    });
  }
}
