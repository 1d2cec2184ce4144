/** Node's own `process.send`, whatever the app has made of it. */
export type Send = (message: unknown, ...rest: unknown[]) => boolean;

export interface Asked {
  readonly target: NodeJS.Process;
  readonly send: Send;
}

/** Answers messages of one kind, and passes over all others. */
export type Answer = (message: unknown) => void;
