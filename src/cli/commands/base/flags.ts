import * as Flags from '@oclif/core/flags';
import { parseDuration } from '../../../lib/units.ts';
import { usageError } from '../../session/failures.ts';
import { TARGET_NAMES } from '../../../api/contract/target-names.ts';

const DEFAULT_TIMEOUT = '5m';

const FILE = {
  multiple: true,
  multipleNonGreedy: true,
  description:
    'Ecosystem file, folder, or - for standard input; repeatable. Default: ecosystem.yaml, ecosystem.config.js or the like here.',
  helpValue: 'FILE',
} as const;

/** Which ecosystem files, where -f means something else. */
export const longFileFlag = { file: Flags.string(FILE) };

/** Which ecosystem files, under which environment, and how they are read: the same for every command that takes files. */
export const fileFlags = {
  file: Flags.string({ char: 'f', ...FILE }),
  env: Flags.string({ description: 'Merge env_NAME over env.', helpValue: 'NAME' }),
  merge: Flags.boolean({
    description: 'Lay each file over those before it (maps by key, apps by name) and take them as one.',
  }),
  var: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    description: 'Value of a variable of the file (vars), for ${vars.NAME}; repeatable.',
    helpValue: 'NAME=VALUE',
  }),
};

/** Where a verb is about. Read before the flags of any command are: each place has commands of its own. */
export const targetFlag = {
  target: Flags.string({
    description: 'Where: host (this one), or kubernetes, with flags of its own (--target kubernetes --help).',
    options: TARGET_NAMES,
    default: 'host',
    helpValue: 'PLACE',
  }),
};

/** Which part of the declaration counts. */
export const scopeFlags = {
  only: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    description: 'Only these apps (NAME,NAME or repeated); the others stay as they are.',
    helpValue: 'NAME',
  }),
  prune: Flags.boolean({
    allowNo: true,
    default: true,
    description: 'Remove apps of the project that the file does not name any more.',
  }),
};

/** New processes for all that is declared. */
export const reloadFlags = {
  reload: Flags.boolean({
    description: 'Give every app new processes, by its rollout rules, also where nothing has changed.',
  }),
};

const namespaceShape = {
  multiple: true,
  multipleNonGreedy: true,
  description: 'Only apps of this namespace; repeated: of any of them.',
  helpValue: 'NAMESPACE',
} as const;

/** Which apps are meant, by their labels. `parseLine` adds it to the selectors that are named. */
const selectorShape = {
  multiple: true,
  multipleNonGreedy: true,
  description: 'Only apps with such labels (tier=web,env!=dev); repeated: all hold.',
  helpValue: 'LABELS',
} as const;

/** Narrows what the named selectors mean; without any, all that pass are meant. */
export const selectionFlags = {
  selector: Flags.string({ char: 'l', ...selectorShape }),
  namespace: Flags.string({ char: 'n', ...namespaceShape }),
};

/** The same where -n says how many lines. */
export const linesSelectionFlags = {
  selector: Flags.string({ char: 'l', ...selectorShape }),
  namespace: Flags.string(namespaceShape),
};

/** The same where -l names a log file, and --namespace is that of the app. */
export const longSelectorFlag = { selector: Flags.string(selectorShape) };

/** For apps that depend on others. */
export const dependencyFlags = {
  'with-dependencies': Flags.boolean({
    description: 'Declare and start what the apps depend on as well.',
  }),
};

/** What guards are told to allow. */
export const guardFlags = {
  'allow-wipe': Flags.boolean({
    description: 'Allow to remove all apps of a project, most of the running ones, or protected ones.',
  }),
  'take-over': Flags.boolean({
    description: 'Take the project over from the file that declared it before.',
  }),
};

/** For descriptions of commands that wait: what their exit codes mean. */
export const WAIT_EXITS = `Exit codes:
  0    it is done, or there was nothing to do
  1    an app failed, or somebody else has asked for something else since
  3    a rollout failed and the version before is kept; all else is fine
  4    not done after --timeout
  6    refused by a guard, and nothing was changed
  130  interrupted; as after --timeout, the daemon goes on with it`;

/** Whether and how long to wait for convergence. */
export const waitFlags = {
  wait: Flags.boolean({ allowNo: true, default: true, description: 'Wait until it is done.' }),
  timeout: durationFlag({
    description: 'Stop waiting after this long (exit 4); the daemon goes on.',
    default: DEFAULT_TIMEOUT,
  }),
};

/** A flag that takes a duration (`90s`, `1m30s`, a plain number of milliseconds) and gives milliseconds. */
export function durationFlag(options: { readonly description: string; readonly default: string }) {
  return Flags.custom<number>({
    description: options.description,
    helpValue: 'DURATION',
    default: requireDuration('default', options.default),
    defaultHelp: () => Promise.resolve(options.default),
    // oclif wants a promise, and its rejection where the text is wrong.
    parse: async (input, _context, flag) => Promise.resolve(requireDuration(flag.name, input)),
  })();
}

/** The same without a default: undefined when it is not given. */
export function optionalDurationFlag(description: string) {
  return Flags.custom<number>({
    description,
    helpValue: 'DURATION',
    parse: async (input, _context, flag) => Promise.resolve(requireDuration(flag.name, input)),
  })();
}

function requireDuration(name: string, text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) {
    throw usageError(`--${name}: ${JSON.stringify(text)} is not a duration`, 'write 90s, 5m or 1m30s');
  }
  return ms;
}
