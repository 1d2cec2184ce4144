import type { Failure } from '../../../lib/failure.ts';
import { err, type Result } from '../../../lib/result.ts';
import type { Endpoint, StreamEndpoint } from './endpoint.ts';
import { STREAMS } from './streams.ts';
import { CALLS } from './table.ts';

export type CallName = keyof typeof CALLS;
export type StreamName = keyof typeof STREAMS;

type Table = typeof CALLS & typeof STREAMS;

/** The request of each endpoint, by its name. */
export type Requests = { readonly [K in keyof Table]: RequestOf<Table[K]> };

/** The answer of each endpoint; for a stream, the type of its items. */
export type Answers = { readonly [K in keyof Table]: AnswerOf<Table[K]> };

type RequestOf<E> = E extends Endpoint<infer Q, infer _> ? Q : never;
type AnswerOf<E> = E extends Endpoint<infer _, infer A> ? A : never;

/** An answer, or the failure that the client is told. Throwing is a bug: the client then sees INTERNAL only. */
export type Answer<T> = Promise<Result<T, Failure>>;

/**
 * Of a request that changes something: why it must not be carried out any more, because whoever sent it has given up and
 * was told that it failed; null: it may. To be asked right before the change, however long it took to get there.
 */
export type StillWanted = () => Promise<Failure | null>;

/** Of a request that nobody gives up. */
export const always: StillWanted = () => Promise.resolve(null);

type Call<K extends CallName> = (request: Requests[K], wanted?: StillWanted) => Answer<Answers[K]>;
type Stream<K extends StreamName> = (
  request: Requests[K],
  signal: AbortSignal,
) => Answer<AsyncIterable<Answers[K]>>;

/** A method for every endpoint that gives one answer. */
export type ApiCalls = { readonly [K in CallName]: Call<K> };

/** A method for every stream. */
export type ApiStreams = { readonly [K in StreamName]: Stream<K> };

/** Answers the endpoints: the controller. Its requests are checked; their selectors are not yet resolved. */
export type ApiBackend = ApiCalls & ApiStreams;

/** The tables, typed for code that is generic over the name of an endpoint. */
export const callTable: { readonly [K in CallName]: Endpoint<Requests[K], Answers[K]> } = CALLS;
export const streamTable: { readonly [K in StreamName]: StreamEndpoint<Requests[K], Answers[K]> } = STREAMS;

export const callNames = Object.keys(CALLS) as readonly CallName[];
export const streamNames = Object.keys(STREAMS) as readonly StreamName[];

/** Makes the method of every endpoint that gives one answer, from its name. */
export function everyCall(make: <K extends CallName>(name: K) => Call<K>): ApiCalls {
  return Object.fromEntries(callNames.map((name) => [name, make(name)])) as unknown as ApiCalls;
}

/** Makes the method of every stream, from its name. */
export function everyStream(make: <K extends StreamName>(name: K) => Stream<K>): ApiStreams {
  return Object.fromEntries(streamNames.map((name) => [name, make(name)])) as unknown as ApiStreams;
}

/** A backend that refuses everything. */
export function refusingBackend(failure: Failure): ApiBackend {
  const refuse = (): Answer<never> => Promise.resolve(err(failure));
  return { ...everyCall(() => refuse), ...everyStream(() => refuse) };
}
