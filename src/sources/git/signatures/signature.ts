import type { Failure } from '../../../lib/failure.ts';
import type { Result } from '../../../lib/result.ts';
import type { Signers } from '../model.ts';

/** One signature with what it is to be the signature of. */
export interface Signature {
  /** For people: `commit 3f2a91c`, `tag v1`. */
  readonly what: string;
  readonly payload: Buffer;
  readonly signature: Buffer;
}

export interface Signer {
  readonly signer: string;
  readonly key: string;
}

/** Checks signatures of one kind; may be asked several times at once. */
export interface SignatureCheck {
  check(signature: Signature): Promise<Result<Signer, Failure>>;
  /** Removes what it had on the disk. */
  close(): Promise<void>;
}

export interface CheckContext {
  readonly signers: Signers;
  /** A folder for temporary files. */
  readonly scratch: string;
  readonly env: Readonly<Record<string, string>>;
}
