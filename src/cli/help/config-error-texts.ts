import type { ErrorCode } from '../../lib/error-codes.ts';

/** What a code means, and how one gets out: a sentence each. */
export interface ErrorText {
  readonly means: string;
  readonly wayOut: string;
}

/** A mistake in the ecosystem file. */
export type ConfigErrorCode = Extract<ErrorCode, `CONFIG_${string}`>;

/** The codes of the ecosystem file. Some of them are warnings only. */
export const CONFIG_ERROR_TEXTS: Readonly<Record<ConfigErrorCode, ErrorText>> = {
  CONFIG_NOT_FOUND: {
    means: 'There is no ecosystem file, or no file that it names, at that place.',
    wayOut: 'Name the file with -f, go to its folder, or have one written: stateward init.',
  },
  CONFIG_UNREADABLE: {
    means: 'The file or its folder is there, but the system does not let this user read it.',
    wayOut: 'Mend what the message says (the permissions, as a rule), and repeat the command.',
  },
  CONFIG_SYNTAX: {
    means: 'The file is not correct YAML, JSON or JavaScript at the place that is shown.',
    wayOut: 'Mend that place; stateward validate checks the file and changes nothing.',
  },
  CONFIG_TOO_LARGE: {
    means: 'The file is larger or deeper than an ecosystem file may be.',
    wayOut: 'Check that it is the right file; otherwise declare the apps in several files, one project each.',
  },
  CONFIG_UNKNOWN_KEY: {
    means: 'A key is none that stateward knows, so it would have no effect.',
    wayOut: 'Correct its spelling (stateward explain apps lists the keys), or remove it.',
  },
  CONFIG_WRONG_TYPE: {
    means: 'A value is of another type than its key takes, such as text where a number belongs.',
    wayOut: 'Write it as stateward explain KEY shows.',
  },
  CONFIG_BAD_VALUE: {
    means: 'A value is of the right type, but not one that its key takes, or does not go with another key.',
    wayOut: 'Choose one that the message names; stateward explain KEY has the range and examples.',
  },
  CONFIG_MISSING_KEY: {
    means: 'A key that is needed is missing, such as script.',
    wayOut: 'Add the key at the place that is shown.',
  },
  CONFIG_DUPLICATE_KEY: {
    means: 'A key stands twice in the same place, so one of its values would be lost.',
    wayOut: 'Remove one of the two.',
  },
  CONFIG_PORT_CONFLICT: {
    means: 'Two apps of the file, or two ports of one app, want the same port on the same address.',
    wayOut:
      'Give one of them another port (port: auto chooses a free one), or another host in ports; in fork mode each instance takes the next number.',
  },
  CONFIG_DUPLICATE_APP: {
    means: 'Two apps of a project have the same name.',
    wayOut: 'Give one of them another name; more processes of one app are instances: N.',
  },
  CONFIG_UNKNOWN_DEPENDENCY: {
    means: 'depends_on names an app that the project does not have.',
    wayOut: 'Correct the name, or declare that app too.',
  },
  CONFIG_DEPENDENCY_CYCLE: {
    means: 'Apps wait for each other in a circle, so none of them could start.',
    wayOut: 'Remove one depends_on of the circle that the message shows.',
  },
  CONFIG_UNKNOWN_ENVIRONMENT: {
    means: '--env names an environment for which no app has an env_NAME.',
    wayOut: 'Correct the name, or add env_NAME to an app.',
  },
  CONFIG_UNSET_VARIABLE: {
    means: 'The file refers to a variable that is not set for this command.',
    wayOut: 'Set it for the command, or write a default: ${NAME:-default}.',
  },
  CONFIG_UNKNOWN_BASE: {
    means: 'An app extends an app or a template that the file does not have.',
    wayOut: 'Correct the name, or write {file, app} for one of another file.',
  },
  CONFIG_EXTENDS_CYCLE: {
    means: 'Apps extend each other in a circle, so none of them is the first.',
    wayOut: 'Break the circle that the message shows; what apps share belongs into a template.',
  },
  CONFIG_UNKNOWN_VAR: {
    means:
      'A text refers to ${vars.NAME}, or the command gives --var NAME, and the file has no such name under vars.',
    wayOut: 'Correct the name, or declare it under vars; a variable of the environment is ${NAME}.',
  },
  CONFIG_VAR_CYCLE: {
    means: 'Values under vars refer to each other in a circle.',
    wayOut: 'Break the circle that the message shows.',
  },
  CONFIG_MERGE: {
    means: 'Files cannot be merged as they are, or !append stands where there is no list to add to.',
    wayOut: 'Do what the message says; docs/variants.md tells how files are merged.',
  },
  CONFIG_SCRIPT_NOT_FOUND: {
    means: 'The script of an app is not on this host at the place where it is looked for.',
    wayOut: 'Correct script or cwd: script resolves against cwd, and cwd against the folder of the file.',
  },
  CONFIG_COMMAND_NOT_FOUND: {
    means: 'A warning: the program of a hook, a probe, `reload` or `shutdown` is not on this host.',
    wayOut:
      'Install it, or correct the command: a path starts at cwd, a name is looked for on the PATH of the app.',
  },
  CONFIG_CWD_NOT_FOUND: {
    means: 'The working folder of an app does not exist on this host.',
    wayOut: 'Make the folder, or correct cwd.',
  },
  CONFIG_EVALUATION: {
    means: 'The JavaScript file threw, did not end in time, or gave something that is no ecosystem.',
    wayOut: 'Run it alone with node to see the error, and mend it there.',
  },
  CONFIG_NO_EFFECT: {
    means: 'A setting does nothing where it stands. It is a warning.',
    wayOut: 'Remove it, or write what the help of the warning names instead.',
  },
  CONFIG_WHOLE_ENVIRONMENT: {
    means: 'The file copies the whole environment of the shell, so another shell declares another app.',
    wayOut: 'Name what the app needs: inherit_env: [NAME].',
  },
  CONFIG_SESSION_VARIABLE: {
    means: 'inherit_env names a variable of the login session, which differs each time. It is a warning.',
    wayOut: 'Leave it out, or set it to a fixed value in env.',
  },
  CONFIG_DIFFERS_FROM_PM2: {
    means: 'A key works here, and under PM2 did something else or nothing. It is a warning.',
    wayOut: 'Check that this is what you want; otherwise remove the key.',
  },
  CONFIG_ADVICE: {
    means: 'The file is valid, and probably not what was meant. It is a warning.',
    wayOut: 'Do as its help says, or leave it if it is meant so.',
  },
};
