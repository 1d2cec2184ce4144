export interface LoadCount {
  readonly requests: number;
  readonly failed: number;
  /** How often what was wrong. */
  readonly kinds: Readonly<Record<string, number>>;
  /** The first hundred: when it was sent (epoch milliseconds), how long it took, what was wrong. */
  readonly failures: readonly { readonly at: number; readonly ms: number; readonly failure: string }[];
  /** Good answers, by the version that gave them. */
  readonly versions: Readonly<Record<string, number>>;
}

export interface LoadOptions {
  /** Clients that keep their connection, and that do not. */
  readonly kept?: number;
  readonly fresh?: number;
  /** Mean pause of a client between two requests. */
  readonly pauseMs?: number;
}

export declare class LoadClients {
  static start(port: number, options?: LoadOptions): Promise<LoadClients>;
  count(): Promise<LoadCount>;
  /** Every request that is under way is waited for. */
  stop(): Promise<LoadCount>;
  kill(): void;
}
