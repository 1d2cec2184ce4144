import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access as Rule } from '../api/contract/endpoints/access.ts';
import type { Book } from '../home/access/book.ts';
import type { SessionLimits, SessionRecord } from '../home/access/sessions.ts';
import type { Access, TokenRecord } from '../home/access/tokens.ts';
import type { Clock } from '../lib/clocks/clock.ts';

/** Where it is listened: an address with a port (0: a free one), or a Unix socket. */
export type Place =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** A request that may be answered. */
export interface AllowedRequest {
  readonly request: IncomingMessage;
  /** Path and query. */
  readonly target: string;
  /** Parsed; undefined: there is none. */
  readonly body: unknown;
  /** Fires when nobody reads the answer any more, or may. */
  readonly signal: AbortSignal;
}

/** Answers what may be answered: from the controller, or by way of the socket in the home. */
export type Upstream = (allowed: AllowedRequest, response: ServerResponse) => Promise<void>;

/** PEM. */
export interface Certificate {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

/** What can be otherwise without listening anew. */
export interface WebRules {
  /** Names under which it is asked for, beside addresses and localhost; in lower case. */
  readonly allowedHosts: readonly string[];
  /** Whoever connects is a proxy: what it says of the client, and of TLS, is believed. */
  readonly behindProxy: boolean;
  readonly sessionLimits: SessionLimits;
}

export interface WebOptions extends WebRules {
  readonly place: Place;
  /** null: plain HTTP. */
  readonly certificate: Certificate | null;
  /** Of the cookie: nobody else's whom a browser may find at the same name, whatever the port. */
  readonly cookie: string;
  /** Of the files of the dashboard. */
  readonly folder: string;
  readonly tokens: Book<TokenRecord>;
  readonly sessions: Book<SessionRecord>;
  readonly accessTo: (method: string, target: string) => Rule | null;
  readonly upstream: Upstream;
  readonly clock: Clock;
  /** One line for the daemon's log. */
  readonly log: (line: string) => void;
  readonly limits?: Partial<WebLimits>;
}

/** Limits that keep those who may not ask from harming those who may. Times are milliseconds. */
export interface WebLimits {
  readonly maxConnections: number;
  readonly maxBodyBytes: number;
  readonly maxHeaderBytes: number;
  readonly headersMs: number;
  readonly requestMs: number;
  readonly idleMs: number;
  /** A connection on which nothing moves. */
  readonly silentMs: number;
  /** Answers that go on at once, of one who asks. */
  readonly maxOpen: number;
  /** How often it is looked whether who reads an answer that goes on still may. */
  readonly recheckMs: number;
  /** Log-ins that fail, in a minute: from one address, and in all. */
  readonly failuresEach: number;
  readonly failuresInAll: number;
}

export interface WebListener {
  /** `127.0.0.1:9095`, or the path of a socket. */
  readonly address: string;
  /** 0: there is none. */
  readonly port: number;
  /** Connections from now on get this one. */
  renew(certificate: Certificate): void;
  /** Requests from now on are answered by these. */
  adjust(rules: WebRules): void;
  /** Ends answers that go on, of those who may not read them any more. */
  recheck(): void;
  close(): Promise<void>;
}

/** Whoever has shown that they may ask. */
export interface Asker {
  /** What stands where an operator is named: `alice (dash)`. */
  readonly name: string;
  readonly access: Access;
  /** null: a script, with a token in each request. */
  readonly session: SessionRecord | null;
  /** For what is counted for each of them. */
  readonly id: string;
}
