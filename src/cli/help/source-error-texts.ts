import type { ErrorCode } from '../../lib/error-codes.ts';
import type { ErrorText } from './config-error-texts.ts';

/** Of sources: repositories that are looked at, and their releases. */
export const SOURCE_ERROR_TEXTS = {
  FETCH_FAILED: {
    means: 'The repository of a source could not be fetched. What runs is as it was.',
    wayOut:
      'Mend what the message says (address, access, host key, network, size); it is tried again by itself, and at once by stateward source sync.',
  },
  REF_GONE: {
    means:
      'The branch, tag or commit that a source follows is not in the repository. What runs is as it was.',
    wayOut: 'Correct ref in the file of sources, or push it again.',
  },
  NOTE_NOT_PUSHED: {
    means:
      'What this host has made of a version could not be told to the others, as a note in the repository.',
    wayOut:
      'Give the key or token of auth the right to push refs/notes/stateward/*, or mend what the message says; it is tried again by itself. Hosts that wait for this one wait on.',
  },
  HISTORY_REWRITTEN: {
    means:
      'A branch that a source follows was pushed by force, or its tag was moved: what is there now does not follow what was taken last.',
    wayOut:
      'Find out who did it and why; then push the old history again, or take the new one: allow_force_push: true.',
  },
  NOT_SIGNED: {
    means: 'A source takes only what is signed, and this commit or tag has no signature.',
    wayOut: 'Sign it and push it (git commit -S, git tag -s), or correct verify.mode.',
  },
  SIGNATURE_INVALID: {
    means: 'The signature of a commit or tag does not fit what it signs, or cannot be read.',
    wayOut: 'Do not trust this commit: find out where it comes from, and have it made anew by its author.',
  },
  SIGNATURE_OTHER_USE: {
    means:
      'The signature is real, and was made for something else: another tag, another commit, another use of the key.',
    wayOut: 'Have the commit or tag signed by git itself, and allow the key to be used for it (namespaces).',
  },
  SIGNER_UNKNOWN: {
    means: 'The signature is by a key that verify.signers does not list.',
    wayOut: 'Add the key to verify.signers if that person may sign; the message has its fingerprint.',
  },
  SIGNER_EXPIRED: {
    means: 'The signature is by a listed key whose time is over, or has not begun.',
    wayOut: 'Have it signed anew with a current key, or list the key with a longer time.',
  },
  SIGNER_REVOKED: {
    means: 'The signature is by a listed key that was revoked.',
    wayOut: 'Do not trust this commit before its author confirms it; have it signed anew with another key.',
  },
  SIGNERS_UNUSABLE: {
    means: 'The keys in verify.signers cannot be read, or the program that checks signatures is missing.',
    wayOut:
      'Correct the file or the key that the message names, or install ssh-keygen (OpenSSH) or gpg (GnuPG).',
  },
  BUILD_FAILED: {
    means: 'The build of a release did not end well. Nothing was changed, and what runs is as it was.',
    wayOut:
      'Read its last lines, and push a commit that builds; stateward source sync tries the same one again.',
  },
  RELEASE_UNSAFE: {
    means:
      'A commit has a path, a link or a size that no release may have, such as a link out of its own folder. Nothing of it was used.',
    wayOut: 'Remove from the repository what the message names, or raise the limits if it is only too large.',
  },
  SOURCE_HOOK_FAILED: {
    means:
      'A command of hooks of a source has failed. A before_apply leaves everything as it was; after a smoke, what the version has declared is taken back.',
    wayOut:
      'Read its last lines, and push a commit with which it succeeds; stateward source sync tries the same one again.',
  },
  RELEASE_FAILED: {
    means: 'A release could not be written to the disk. What runs is as it was.',
    wayOut: 'Mend what the message says: free some space, or correct the permissions of the home.',
  },
} as const satisfies Partial<Record<ErrorCode, ErrorText>>;
