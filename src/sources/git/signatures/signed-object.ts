/** What is signed, and by which signature, as it stands in a commit or in an annotated tag. */
export interface SignedObject {
  readonly payload: Buffer;
  /** null: there is none. */
  readonly signature: Buffer | null;
  /** More than one signature: git would show one and check another. */
  readonly ambiguous: boolean;
}

const LINE_END = 0x0a;
/** Headers of a commit that hold a signature: each is no part of what is signed. */
const SIGNATURE_HEADERS = ['gpgsig', 'gpgsig-sha256'];
const BEGINNINGS = [
  '-----BEGIN PGP SIGNATURE-----',
  '-----BEGIN PGP MESSAGE-----',
  '-----BEGIN SSH SIGNATURE-----',
  '-----BEGIN SIGNED MESSAGE-----',
];

/** A commit: its signature is a header, whose further lines begin with a space. */
export function signedCommit(raw: Buffer): SignedObject {
  const payload: Buffer[] = [];
  const signatures: Buffer[] = [];
  let at = 0;
  let inSignature = false;
  while (at < raw.length && raw[at] !== LINE_END) {
    const found = raw.indexOf(LINE_END, at);
    const end = found === -1 ? raw.length : found + 1;
    const line = raw.subarray(at, end);
    const isMore = line[0] === 0x20;
    if (!isMore) {
      const name = line.toString('latin1', 0, Math.max(0, line.indexOf(0x20)));
      inSignature = SIGNATURE_HEADERS.includes(name);
      if (inSignature) signatures.push(line.subarray(name.length + 1));
      else payload.push(line);
    } else if (inSignature) signatures.push(line.subarray(1));
    else payload.push(line);
    at = end;
  }
  payload.push(raw.subarray(at));
  const signature = Buffer.concat(signatures);
  return withSignature(Buffer.concat(payload), signature);
}

/** An annotated tag: its signature is the end of the message. */
export function signedTag(raw: Buffer): SignedObject {
  const text = raw.toString('latin1');
  const at = Math.max(
    ...BEGINNINGS.map((beginning) => {
      const found = text.lastIndexOf(`\n${beginning}`);
      return found === -1 ? -1 : found + 1;
    }),
  );
  if (at === -1) return { payload: raw, signature: null, ambiguous: false };
  return withSignature(raw.subarray(0, at), raw.subarray(at));
}

function withSignature(payload: Buffer, signature: Buffer): SignedObject {
  const count = BEGINNINGS.reduce((sum, one) => sum + signature.toString('latin1').split(one).length - 1, 0);
  return { payload, signature: signature.length === 0 ? null : signature, ambiguous: count > 1 };
}

export interface TagHead {
  /** What it leads to. */
  readonly object: string;
  readonly type: string;
  /** The name that its author gave it, which is signed; the name of the ref is not. */
  readonly name: string;
}

/** What stands at the head of an annotated tag. */
export function tagHead(raw: Buffer): TagHead {
  const head = raw.toString('utf8', 0, raw.indexOf('\n\n'));
  const field = (name: string): string => new RegExp(`^${name} (.*)$`, 'm').exec(head)?.[1] ?? '';
  return { object: field('object'), type: field('type'), name: field('tag') };
}
