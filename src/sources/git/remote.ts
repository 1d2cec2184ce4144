import { isAbsolute } from 'node:path';
import { err, ok, type Result } from '../../lib/result.ts';

/** Where a repository is, checked: what git is told, and what people are shown. Neither holds a secret. */
export interface Remote {
  readonly protocol: 'https' | 'http' | 'ssh' | 'file';
  /** As git takes it. */
  readonly url: string;
  /** `host`, or the path of a file. */
  readonly host: string;
  /** For people. */
  readonly shown: string;
}

export interface RemoteRules {
  /** Plain http is taken: everybody on the way can read and change what comes. */
  readonly insecure: boolean;
}

/** `git@host:path`, as ssh and git write it. No slash before the colon: that would be a path. */
const SCP =
  /^(?:([A-Za-z0-9_][A-Za-z0-9._-]*)@)?([A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\]):(?!\/\/)(.+)$/;
const USER = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
const MAX_LENGTH = 2048;

/**
 * Reads `git:` of a source: https, ssh (`git@host:path` too), `file:///path`, or an absolute path. The error is a
 * text for people, without what could be a password.
 */
export function parseRemote(
  text: string,
  { insecure }: RemoteRules = { insecure: false },
): Result<Remote, string> {
  if (text.length > MAX_LENGTH) return err(`the address is longer than ${MAX_LENGTH} characters`);
  if (/\p{Cc}/u.test(text)) return err('the address has a control character in it');
  if (text.startsWith('-')) return err('the address begins with a "-", which git would take for an option');
  if (isAbsolute(text)) {
    // Git decodes what is an address.
    return ok({ protocol: 'file', url: `file://${text.replaceAll('%', '%25')}`, host: text, shown: text });
  }
  if (/^[A-Za-z][A-Za-z0-9+.-]*::/.test(text)) {
    return err(
      'an address with "::" has git run a program, which a source never does; write https, ssh or file',
    );
  }
  if (text.includes(' ') && !text.startsWith('file:///')) return err('the address has a space in it');
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return scpRemote(text);
  switch (scheme) {
    case 'https':
      return webRemote(text, 'https');
    case 'http':
      return insecure
        ? webRemote(text, 'http')
        : err(
            'http is neither secret nor safe from being changed on its way: write https, or insecure: true',
          );
    case 'ssh':
    case 'git+ssh':
      return sshRemote(text);
    case 'file': {
      const path = text.slice('file://'.length);
      return isAbsolute(path)
        ? ok({ protocol: 'file', url: `file://${path}`, host: path, shown: text })
        : err('file:// is followed by an absolute path: file:///srv/git/shop.git');
    }
    case 'git':
      return err('git:// is neither secret nor safe from being changed on its way: write https or ssh');
    default:
      return err(`git repositories are reached by https, ssh or file, not by ${scheme}`);
  }
}

function webRemote(text: string, protocol: 'https' | 'http'): Result<Remote, string> {
  const url = urlOf(text);
  if (url === null || url.hostname === '') return err('this is not an address of the form https://host/path');
  if (url.password !== '' || url.username !== '') {
    return err(
      'the address has a name or a password in it, which would be shown in many places: ' +
        'put the secret into a file and name it in auth.token_file, or in auth.password_file beside auth.username',
    );
  }
  if (url.search !== '' || url.hash !== '')
    return err('the address has a "?" or "#" in it, which no repository has');
  return ok({ protocol, url: url.href, host: url.host, shown: url.href });
}

function sshRemote(text: string): Result<Remote, string> {
  const url = urlOf(text.replace(/^git\+ssh:/i, 'ssh:'));
  if (url === null || url.hostname === '')
    return err('this is not an address of the form ssh://git@host/path');
  if (url.password !== '')
    return err('ssh takes no password from its address: name a key in auth.ssh_key_file');
  if (url.username !== '' && !USER.test(url.username))
    return err('the user name of the address is not one that ssh takes');
  if (url.hostname.startsWith('-'))
    return err('the host begins with a "-", which ssh would take for an option');
  if (url.pathname.length < 2) return err('the address names a host and no repository');
  if (url.pathname.startsWith('/-'))
    return err('the path begins with a "-", which git would take for an option');
  return ok({ protocol: 'ssh', url: url.href, host: url.host, shown: url.href });
}

function scpRemote(text: string): Result<Remote, string> {
  const match = SCP.exec(text);
  if (match === null) {
    return err('this is not an address of a repository: https://host/path, git@host:path or file:///path');
  }
  const [, , host = '', path = ''] = match;
  if (path.startsWith('-')) return err('the path begins with a "-", which git would take for an option');
  return ok({ protocol: 'ssh', url: text, host, shown: text });
}

function urlOf(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
