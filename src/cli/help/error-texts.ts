import type { ErrorCode } from '../../lib/error-codes.ts';
import { CONFIG_ERROR_TEXTS, type ConfigErrorCode, type ErrorText } from './config-error-texts.ts';
import { SOURCE_ERROR_TEXTS } from './source-error-texts.ts';
import { GUARD_TEXTS } from './guard-texts.ts';

const REQUEST_TEXTS: Readonly<
  Record<
    Exclude<ErrorCode, ConfigErrorCode | keyof typeof DAEMON_TEXTS | keyof typeof SOURCE_ERROR_TEXTS>,
    ErrorText
  >
> = {
  USAGE: {
    means: 'The command line says something that the command does not understand.',
    wayOut: 'Correct what the message names; stateward COMMAND --help shows what the command takes.',
  },
  TARGET_DIFFERS: {
    means:
      'What the file says cannot mean the same where it is to run (an error), or means something else there (a warning).',
    wayOut: 'Do as its help says. Kubernetes: see docs/kubernetes.md, which has a line for each field.',
  },
  TARGET_UNREACHABLE: {
    means: 'The cluster cannot be reached, or kubectl, which speaks to it, is not there or cannot log in.',
    wayOut: 'Run the kubectl command of the help line until it works; then repeat the command.',
  },
  TARGET_REFUSED: {
    means:
      'The cluster does not take an object: a value that it does not know, a namespace or a kind that is missing.',
    wayOut: 'Change what the message names in the file, or make in the cluster what is missing.',
  },
  TARGET_CONFLICT: {
    means: 'Somebody else has set a field of an object that the file sets too.',
    wayOut: 'Take the field out of the file, or repeat with --force-conflicts to take it over.',
  },
  REGISTRY_UNREACHABLE: {
    means: 'A registry of images does not answer, or breaks off.',
    wayOut: 'Repeat the command when it answers; what was pushed is not pushed again.',
  },
  REGISTRY_REFUSED: {
    means:
      'A registry of images does not do what it is asked: it does not know who asks, or has no such image.',
    wayOut: 'Log in with docker login, as one who may do that; check the names of targets.kubernetes.',
  },
  IMAGE_UNUSABLE: {
    means: 'No image can be made of the folder of the file, or not on that base image.',
    wayOut: 'Change what the message names; .dockerignore leaves files out.',
  },
  IMAGE_BUILD_FAILED: {
    means: 'What builds the image of a project is not there, or did not end well. Nothing was applied.',
    wayOut: 'Run the command of the message by hand until it works, and apply again.',
  },
  SELECTOR_NOT_FOUND: {
    means: 'No app is called so.',
    wayOut: 'stateward get lists the apps; one that only stands in a file is started by stateward apply.',
  },
  SELECTOR_AMBIGUOUS: {
    means: 'The word fits several apps, and the command would have to guess.',
    wayOut: 'Write one of the names that are listed, with its project: shop/api.',
  },
  FOLDER_GONE: {
    means: 'The folder in which the command was typed no longer exists.',
    wayOut: 'cd to a folder that exists, and repeat the command.',
  },
  PLAN_STALE: {
    means: 'A saved plan no longer is what applying it would do: the file or the host has changed since.',
    wayOut: 'Make a new plan, look at it, and apply that one.',
  },
  WIPE_GUARD: {
    means: 'Applying would remove every app of a project, or more than half of what runs.',
    wayOut: 'Check that it is the right file and that it is whole; if so, repeat with --allow-wipe.',
  },
  PROTECTED: {
    means: 'Applying would remove an app that is declared with protect: true.',
    wayOut: 'Set protect: false and apply that first, or repeat with --allow-wipe.',
  },
  OTHER_ORIGIN: {
    means: 'A project of that name is declared by another file, and would be changed or removed by this one.',
    wayOut: 'Write project: NAME at the top of the file, give all of its files, or repeat with --take-over.',
  },
  ...GUARD_TEXTS,
  TWIN_PROJECT: {
    means: 'The project looks like one that runs already under another name, and would run twice.',
    wayOut: 'Write project: NAME of the one that runs at the top of the file; to run both, use --take-over.',
  },
  DEPENDENCY_ABSENT: {
    means: 'An app depends on one that is stopped or not declared, so it would wait forever.',
    wayOut: 'Start that one first, or repeat with --with-dependencies.',
  },
  APP_FAILED: {
    means: 'An app did not come to work: it keeps ending, does not get ready, or loses its log.',
    wayOut: 'stateward why APP says why, stateward logs APP shows its last words; mend it and apply again.',
  },
  EXEC_FAILED: {
    means: 'A command could not be run beside an app: the folder of the app is gone, or a user is not known.',
    wayOut: 'Mend what the message names; stateward describe APP shows the folder and user of the app.',
  },
  EXEC_NOT_RUNNABLE: {
    means: 'The program that exec names is there and may not be executed.',
    wayOut: 'chmod +x FILE, or name its interpreter: stateward exec APP -- node FILE.',
  },
  EXEC_NOT_FOUND: {
    means: 'The program that exec names is not on the PATH of the app.',
    wayOut: 'Write its path; the hint says where it was looked for.',
  },
  SECRET_UNRESOLVED: {
    means: 'A value that `from_file` or the like names cannot be read: see docs/secrets.md.',
    wayOut: 'The message says what is missing.',
  },
  ROLLOUT_FAILED: {
    means: 'A new version did not prove itself, and the previous one was kept.',
    wayOut: 'stateward logs APP shows why; mend it and apply again.',
  },
  SUPERSEDED: {
    means: 'Somebody asked for something else before this was reached.',
    wayOut: 'stateward history APP shows who and what; repeat the command if it still holds.',
  },
  WAIT_IN_VAIN: {
    means: 'An app does not come to what is waited for by itself, such as one that somebody has stopped.',
    wayOut: 'Do what the message names, or wait for something else with --for.',
  },
  WAIT_TIMEOUT: {
    means: 'It was not reached within --timeout. The daemon goes on with what it has begun.',
    wayOut:
      'stateward get shows how far it is, stateward why APP what it waits for; or use a longer --timeout.',
  },
  NOT_FOUND: {
    means: 'What the command names does not exist, such as a field, a revision, a user or a project.',
    wayOut: 'Take one of those that the message or its help names.',
  },
  CONFLICT: {
    means:
      'Something is in the way that stateward does not overwrite or end, such as a file or another daemon.',
    wayOut: 'Do as the help says: choose another place, or move away what is there.',
  },
  INTERRUPTED: {
    means: 'The command was interrupted (Ctrl-C). The daemon goes on with what was asked for.',
    wayOut: 'stateward get shows what has become of it.',
  },
  INTERNAL: {
    means: 'A fault in stateward itself.',
    wayOut: 'Repeat with STATEWARD_DEBUG=1 to see where, and report it: stateward report collects the rest.',
  },
};

const DAEMON_TEXTS = {
  DAEMON_UNREACHABLE: {
    means: 'No daemon runs for this home, or it cannot be connected to.',
    wayOut: 'stateward daemon start starts it; stateward doctor says what is wrong when that does not help.',
  },
  DAEMON_STOPPED: {
    means: 'The daemon was stopped while the command was waiting for it. The apps keep running.',
    wayOut: 'stateward daemon start starts it again.',
  },
  DAEMON_START_FAILED: {
    means: 'The daemon ended before it was ready.',
    wayOut:
      'Its last lines are shown, and stateward logs --daemon has them all; stateward doctor checks the host.',
  },
  BOOT_FAILED: {
    means: 'The service that starts stateward with the host could not be set up completely.',
    wayOut: 'Run the command that failed by hand, as the help shows it, and repeat stateward startup.',
  },
  DAEMON_OUTDATED: {
    means: 'The daemon that runs is older than the command, and does not know what it is asked for.',
    wayOut: 'stateward daemon upgrade takes the installed version into use; apps keep running.',
  },
  UPGRADE_FAILED: {
    means: 'The daemon could not be replaced by the installed version. The apps keep running.',
    wayOut: 'Do as the help says: install stateward again, or have the service start this installation.',
  },
  DAEMON_NEWER: {
    means: 'The daemon that runs is newer than the command, and no longer supports it.',
    wayOut: 'Install the version that stateward version shows for the daemon.',
  },
  RUNNER_UNREACHABLE: {
    means: 'The process that holds the apps did not do what it was asked for.',
    wayOut: 'stateward daemon status shows whether it runs; stateward doctor says what to do.',
  },
  DAEMON_SILENT: {
    means: 'The daemon is there and does not answer. What was asked for is not done later.',
    wayOut: 'kill -CONT PID wakes one that was stopped; stateward doctor shows which process it is.',
  },
  RUNNER_SILENT: {
    means: 'The process that holds the apps is there and does not answer. The apps keep running.',
    wayOut: 'kill -CONT PID wakes one that was stopped; stateward doctor shows which process it is.',
  },
  RUNNER_NEWER: {
    means: 'The process that holds the apps is newer than the daemon, which is not to drive it.',
    wayOut: 'Install that version or a later one, then stateward daemon upgrade; apps keep running.',
  },
  RUNNER_OLDER: {
    means: 'The process that holds the apps is older than the daemon, and does not know how to do that.',
    wayOut: 'stateward daemon upgrade takes the installed version into use; apps keep running.',
  },
  HOME_UNSAFE: {
    means: 'Other users could change the home folder or what is in it, so stateward does not trust it.',
    wayOut: 'Set owner and permissions as the help says, or choose another STATEWARD_HOME.',
  },
  HOME_PATH_TOO_LONG: {
    means: 'The path of the home is so long that the system allows no socket in it.',
    wayOut: 'Choose a shorter folder with --home or STATEWARD_HOME.',
  },
  PERMISSION: {
    means: 'The system does not allow this user to do that.',
    wayOut: 'Run it as the user that the help names (sudo), or mend the permissions of the path shown.',
  },
  STATE_UNREADABLE: {
    means: 'The stored state cannot be read, so nothing is changed. The apps keep running.',
    wayOut: 'Mend the file as the help says, and repeat the command; stateward doctor checks the home.',
  },
  STATE_NEWER: {
    means: 'A newer stateward has written the state.',
    wayOut: 'Install that version again, or use another STATEWARD_HOME.',
  },
  STATE_WRITE: {
    means: 'The state cannot be written, because the disk is full or read-only, for example.',
    wayOut:
      'Make room or mend the disk: the daemon then writes it by itself. Until then a change is refused.',
  },
  UNAUTHENTICATED: {
    means: 'Whoever asks over the network has no token or session here, or not any more.',
    wayOut: 'stateward dash opens the dashboard, by a new link.',
  },
  BAD_REQUEST: {
    means: 'The daemon did not understand a request.',
    wayOut: 'Correct what the message names; from a program, compare it with the version of the daemon.',
  },
} as const satisfies Partial<Record<ErrorCode, ErrorText>>;

/** What each code of an error means. */
export const ERROR_TEXTS: Readonly<Record<ErrorCode, ErrorText>> = {
  ...CONFIG_ERROR_TEXTS,
  ...SOURCE_ERROR_TEXTS,
  ...REQUEST_TEXTS,
  ...DAEMON_TEXTS,
};
