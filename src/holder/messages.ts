/**
 * What the runner and the process that keeps the sockets of apps for the next runner say to each other, over Node's own
 * channel. The holder is as old as the runner that started it, and meets later ones: fields and messages are only ever
 * added, and each side passes over what it does not know.
 *
 *   runner ──KEEP key, with the handle──▶ holder        LET_GO key ──▶         END ──▶ (ends)
 *
 * When the runner has died, the holder comes to the next one as agents do (agent/protocol.ts): HELLO, WELCOME, then
 *
 *   KEPT key, with the handle, for each socket ──▶ runner        ALL_KEPT ──▶
 */
export const KEEP = 'NODE_STATEWARD_KEEP';
export const LET_GO = 'NODE_STATEWARD_LET_GO';
export const END = 'NODE_STATEWARD_END';
export const KEPT = 'NODE_STATEWARD_KEPT';
export const ALL_KEPT = 'NODE_STATEWARD_ALL_KEPT';

/** In the environment of the holder: what proves to the next runner that it is the one of its home. */
export const HOLDER_VARIABLE = 'STATEWARD_HOLDER';

/** `state`: what the runner knows of the socket; the holder hands it back as it is. */
export interface KeepMessage {
  readonly cmd: typeof KEEP;
  readonly key: string;
  readonly state: unknown;
}

export interface LetGoMessage {
  readonly cmd: typeof LET_GO;
  readonly key: string;
}

export interface EndMessage {
  readonly cmd: typeof END;
}

export interface KeptMessage {
  readonly cmd: typeof KEPT;
  readonly key: string;
  readonly state: unknown;
}

export interface AllKeptMessage {
  readonly cmd: typeof ALL_KEPT;
}
