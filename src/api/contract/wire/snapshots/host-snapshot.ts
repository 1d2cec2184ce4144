import {
  isInteger,
  isObject,
  isOneOf,
  isText,
  listOf,
  objectOf,
  type Check,
} from '../../../../lib/checks.ts';

/** Records as the state has them; what they hold is the business of the version that made them. */
type Recorded = Readonly<Record<string, unknown>>;

/**
 * The state of a host without its secrets, for a plan that is made elsewhere (`snapshot`, GET /v1/snapshot). Values that
 * are secrets are a mark, hashes that could tell one are names that mean nothing.
 */
export interface HostSnapshotDocument {
  readonly apiVersion: 'v1';
  readonly kind: 'HostSnapshot';
  readonly formatVersion: 1;
  readonly madeAt: string;
  /** Of stateward. */
  readonly version: string;
  readonly host: {
    readonly name: string;
    /** What `instances: max` means there. */
    readonly cpus: number;
    /** What `~` means there. */
    readonly homeFolder: string;
  };
  /** False: the processes could not be seen. */
  readonly reachable: boolean;
  readonly projects: readonly Recorded[];
  readonly histories: readonly Recorded[];
  readonly instances: readonly Recorded[];
  readonly freezes: readonly Recorded[];
}

/** As it is handed out: over everything else in it, in canonical JSON. */
export interface SignedSnapshot extends HostSnapshotDocument {
  readonly signature: {
    readonly algorithm: 'ed25519';
    /** PEM. Whoever checks it uses a key that was handed over another way. */
    readonly publicKey: string;
    /** Base64. */
    readonly value: string;
  };
}

const isRecorded: Check = (value, path) => (isObject(value) ? null : `${path} must be an object`);

/** Whether parsed JSON is a snapshot that this version can read. */
export const isSignedSnapshot = objectOf<SignedSnapshot>({
  apiVersion: isOneOf('v1'),
  kind: isOneOf('HostSnapshot'),
  formatVersion: isOneOf(1),
  madeAt: isText,
  version: isText,
  host: objectOf<HostSnapshotDocument['host']>({ name: isText, cpus: isInteger(1), homeFolder: isText }),
  reachable: (value, path) => (typeof value === 'boolean' ? null : `${path} must be true or false`),
  projects: listOf(isRecorded),
  histories: listOf(isRecorded),
  instances: listOf(isRecorded),
  freezes: listOf(isRecorded),
  signature: objectOf<SignedSnapshot['signature']>({
    algorithm: isOneOf('ed25519'),
    publicKey: isText,
    value: isText,
  }),
});
