import { err, ok, type Result } from '../../lib/result.ts';

/** An image, as `registry.example.com/shop/api:2.4.1` or `node:24-slim` names it. */
export interface ImageReference {
  /** Where it is kept: `registry.example.com`, `127.0.0.1:5000`. */
  readonly host: string;
  /** Its path there: `shop/api`, `library/node`. */
  readonly repository: string;
  /** null: it is named by its digest alone. */
  readonly tag: string | null;
  /** null: it is named by a tag, which can be moved. */
  readonly digest: string | null;
}

/** Images without a host are there, as Docker has it. */
const DOCKER_HUB = 'docker.io';
const PATH_PART = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const PATH = new RegExp(`^${PATH_PART}(?:/${PATH_PART})*$`);
const HOST = /^(?:[a-zA-Z0-9](?:[-a-zA-Z0-9.]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?$/;
const TAG = /^[a-zA-Z0-9_][-a-zA-Z0-9._]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const MAX_REPOSITORY = 255;

/** Takes a reference apart; fails with why it is none. */
export function parseReference(text: string): Result<ImageReference, string> {
  const [named = '', digest = null, ...more] = text.split('@');
  if (more.length > 0) return err('it has more than one @');
  if (digest !== null && !DIGEST.test(digest)) return err('what follows @ is no sha256 digest');
  const colon = named.lastIndexOf(':');
  const isTagged = colon > named.lastIndexOf('/');
  const tag = isTagged ? named.slice(colon + 1) : digest === null ? 'latest' : null;
  if (tag !== null && !TAG.test(tag)) return err('what follows : is no tag');
  const place = parseRepository(isTagged ? named.slice(0, colon) : named);
  return place.ok ? ok({ ...place.value, tag, digest }) : place;
}

/** Takes a place for images apart, `registry.example.com/shop`; fails with why it is none. */
export function parseRepository(text: string): Result<Pick<ImageReference, 'host' | 'repository'>, string> {
  const slash = text.indexOf('/');
  const first = slash === -1 ? '' : text.slice(0, slash);
  const hasHost = /[.:[]/.test(first) || first === 'localhost';
  const host = hasHost ? first.toLowerCase() : DOCKER_HUB;
  const path = hasHost ? text.slice(slash + 1) : text;
  const repository = host === DOCKER_HUB && !path.includes('/') ? `library/${path}` : path;
  if (!HOST.test(host)) return err(`${JSON.stringify(host)} is no host of a registry`);
  if (!PATH.test(repository) || repository.length > MAX_REPOSITORY) {
    return err(`${JSON.stringify(path)} is no path of images: small letters and digits, parted by / . _ -`);
  }
  return ok({ host, repository });
}

/** `registry.example.com/shop@sha256:…` */
export function writeReference({
  host,
  repository,
  tag,
  digest,
}: Pick<ImageReference, 'host' | 'repository'> & Partial<ImageReference>): string {
  const where = `${host}/${repository}`;
  if (digest != null) return `${where}@${digest}`;
  return tag == null ? where : `${where}:${tag}`;
}
