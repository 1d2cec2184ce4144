import { randomUUID } from 'node:crypto';
import type { ActionOutcome } from '../../api/contract/wire/custom/custom.ts';
import type { Driver } from '../../driver/driver.ts';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import { formatDuration } from '../../lib/units.ts';
import type { OfferedAction, ReplyTo, Said } from './said.ts';

interface Call {
  readonly nonce: string;
  readonly key: string;
  /** What came before the end of its reply. */
  readonly parts: unknown[];
  readonly end: (outcome: ActionOutcome) => void;
}

export interface ActionAsked {
  readonly action: OfferedAction;
  /** undefined: the action gets none. */
  readonly parameter: unknown;
  readonly timeoutMs: number;
}

/** Parts of a reply that are kept: more of them are left out. */
const MOST_PARTS = 1_000;

/** Asks processes for actions, and gives each what it replies. */
export class ActionCalls {
  readonly #driver: Pick<Driver, 'send'>;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #calls = new Map<string, Call>();

  constructor(driver: Pick<Driver, 'send'>, clock: Pick<Clock, 'after'>) {
    this.#driver = driver;
    this.#clock = clock;
  }

  /** Resolves when the process has replied, has ended, or its time is over. */
  async ask(nonce: string, { action, parameter, timeoutMs }: ActionAsked): Promise<ActionOutcome> {
    const id = randomUUID();
    // A reply of @pm2/io says which action it is of, and not which call: one at a time.
    const key = keyOf(nonce, action.kind === 'named' ? { action: action.name } : { id });
    if (this.#calls.has(key)) return notSent('it has not replied to the call of this action before this one');
    let cancel: Cancel = () => undefined;
    const replied = new Promise<ActionOutcome>((resolve) => {
      this.#calls.set(key, { nonce, key, parts: [], end: resolve });
      cancel = this.#clock.after(timeoutMs, () =>
        resolve({ state: 'timedOut', message: `it has not replied within ${formatDuration(timeoutMs)}` }),
      );
    });
    const sent = await this.#driver.send(nonce, requestOf(id, action, parameter));
    const outcome = sent.ok ? await replied : notSent(sent.error.message);
    cancel();
    this.#calls.delete(key);
    return outcome;
  }

  /** A process has replied; what nobody waits for any more is passed over. */
  hear(nonce: string, said: Extract<Said, { kind: 'reply' | 'part' }>): void {
    const call = this.#calls.get(keyOf(nonce, said.by));
    if (call === undefined) return;
    if (said.kind === 'part') {
      if (call.parts.length < MOST_PARTS) call.parts.push(said.value);
      return;
    }
    const { value, error } = said;
    const reply = call.parts.length === 0 ? value : [...call.parts, ...(value === null ? [] : [value])];
    call.end(
      error === null
        ? { state: 'replied', reply, message: null }
        : { state: 'failed', message: error, ...(call.parts.length > 0 && { reply }) },
    );
  }

  /** A process has ended: it replies no more. */
  forget(nonce: string): void {
    for (const call of this.#calls.values()) {
      if (call.nonce === nonce) call.end({ state: 'failed', message: 'it ended before it replied' });
    }
  }
}

/** As `process.on('message')` of the app gets it. */
function requestOf(id: string, { name, kind }: OfferedAction, parameter: unknown): object {
  if (kind === 'plain') {
    return {
      type: 'stateward:call',
      data: { id, action: name, ...(parameter !== undefined && { parameter }) },
    };
  }
  return { msg: name, action_name: name, opts: parameter ?? {}, ...(kind === 'scoped' && { uuid: id }) };
}

function keyOf(nonce: string, by: ReplyTo): string {
  return 'id' in by ? `${nonce} id ${by.id}` : `${nonce} action ${by.action}`;
}

function notSent(message: string): ActionOutcome {
  return { state: 'notSent', message };
}
