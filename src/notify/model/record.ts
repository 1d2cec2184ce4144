import type { EventRecord } from '../../state/model/types.ts';
import type { ReceiverSpec, Severity } from './receiver.ts';
import type { Topic } from './alerts.ts';

/** What an event is about, as far as rules and messages know it. */
export interface About {
  readonly project: string | null;
  readonly app: string | null;
  readonly source: string | null;
  readonly receiver: string | null;
}

/** One thing that is told. Times are epoch milliseconds. */
export interface Item {
  /** `still`: it goes on, or has happened again. `news`: neither good nor bad. */
  readonly kind: 'problem' | 'still' | 'recovered' | 'news';
  readonly topic: Topic | null;
  readonly severity: Severity;
  readonly reason: EventRecord['reason'];
  readonly message: string;
  readonly about: About;
  readonly slot: number | null;
  readonly version: string | null;
  /** Of the event that it tells of. */
  readonly seq: number;
  readonly at: number;
  /** Since when it is wrong; of news: `at`. */
  readonly since: number;
  /** How many events it stands for, of which nothing was told before; of `still` it may be 0. */
  readonly count: number;
  /** When it began to wait here. */
  readonly queuedAt: number;
}

/** The status of a commit, to be told where it is hosted. */
export interface StatusItem {
  readonly source: string;
  readonly commit: string;
  readonly state: CommitState;
  readonly message: string;
  /** Of the source: where the commit is fetched from. */
  readonly remote: string;
  readonly at: number;
  readonly seq: number;
}

/** `superseded`: a newer commit came before this one had proven itself. */
export type CommitState = 'pending' | 'success' | 'failure' | 'superseded';

/** Something that is wrong, of which the receiver was told. */
export interface Issue {
  readonly id: string;
  readonly topic: Topic;
  readonly first: Item;
  /** What was told of it last, and when. */
  readonly toldAt: number;
  /** How often it has happened since. */
  readonly count: number;
  /** The newest of these, or the first. */
  readonly last: Item;
  /** It is over, if it stays so for a while; null: it is not. */
  readonly ending: Item | null;
}

/** What was left out, because there was too much of it. */
export interface LeftOut {
  readonly count: number;
  readonly reasons: Readonly<Partial<Record<string, number>>>;
}

export const NOTHING_LEFT_OUT: LeftOut = { count: 0, reasons: {} };

/** One message, tried until it is taken. Its id stays the same: a receiver that gets it twice can tell. */
export interface Delivery {
  readonly id: string;
  readonly madeAt: number;
  readonly payload:
    | { readonly kind: 'message'; readonly items: readonly Item[]; readonly leftOut: LeftOut }
    | { readonly kind: 'status'; readonly status: StatusItem };
  readonly attempts: number;
  /** Not before. */
  readonly nextAt: number;
}

/** What became of a message. */
export interface Sent {
  readonly id: string;
  /** For people, in one line. */
  readonly title: string;
  readonly at: number;
  readonly outcome: 'delivered' | 'given-up';
  readonly attempts: number;
  /** How many things it told of, and how many it only counted. */
  readonly items: number;
  readonly leftOut: number;
  /** What the receiver answered, or why it was not reached. */
  readonly message: string;
}

/** That a receiver is not reached. */
export interface Failing {
  readonly since: number;
  readonly attempts: number;
  readonly message: string;
  /** An event has told of it. */
  readonly told: boolean;
}

/** A receiver as it is kept: what is to be told to it, and when, follows from this. */
export interface ReceiverRecord {
  readonly spec: ReceiverSpec;
  readonly declared: { readonly by: string; readonly at: number; readonly command: string };
  /** The number of the last event that is in this. */
  readonly seen: number;
  readonly issues: readonly Issue[];
  /** The oldest first. */
  readonly waiting: readonly Item[];
  readonly statuses: readonly StatusItem[];
  /** What was told last of the commits of each source. */
  readonly commits: Readonly<Record<string, { readonly commit: string; readonly state: CommitState }>>;
  readonly leftOut: LeftOut;
  readonly delivery: Delivery | null;
  /** When messages were made in the last hour. */
  readonly madeAt: readonly number[];
  readonly failing: Failing | null;
  readonly counts: { readonly delivered: number; readonly givenUp: number; readonly leftOut: number };
  /** The newest first. */
  readonly history: readonly Sent[];
}

export const KEPT_SENT = 50;

export function newReceiver(
  spec: ReceiverSpec,
  declared: ReceiverRecord['declared'],
  seen: number,
): ReceiverRecord {
  return {
    spec,
    declared,
    seen,
    issues: [],
    waiting: [],
    statuses: [],
    commits: {},
    leftOut: NOTHING_LEFT_OUT,
    delivery: null,
    madeAt: [],
    failing: null,
    counts: { delivered: 0, givenUp: 0, leftOut: 0 },
    history: [],
  };
}
