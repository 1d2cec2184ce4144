import { resolve } from 'node:path';
import type { App } from '../generated/ecosystem.ts';
import { APP_FIELDS } from '../generated/fields.ts';
import { readReload } from '../generated/read-app.ts';
import { isNode } from '../node-app.ts';
import type { AppSpec, ReloadSpec } from '../types.ts';
import type { NormaliseContext, SpecNote } from './normalise-context.ts';
import { opensDebugger, readSignal, signalNotes, whyNoEnd } from './kernel/normalise-signals.ts';
import { readList } from './values.ts';

/** The word of `on_change` that stands for all that `code` compares. */
export const WHOLE_CODE = 'code';

/** The word of it that stands for the values of variables that are read from elsewhere. */
export const WHOLE_SECRETS = 'secrets';

export function normaliseReload({ reload: given }: App): ReloadSpec | null {
  if (given === undefined) return null;
  return readReload(given, {
    signal: given.signal === undefined ? null : readSignal(given.signal),
    command: given.command?.map(String) ?? null,
  });
}

/** What the schema cannot say of how an app reads its settings again. */
export function reloadNotes(app: App, spec: AppSpec, context: NormaliseContext): readonly SpecNote[] {
  if (app.reload === undefined || spec.reload === null) return [];
  const { signal, command } = app.reload;
  return [
    ...((signal === undefined) === (command === undefined)
      ? [wrong(['reload'], 'this needs either a signal or a command', 'for example reload: { signal: HUP }')]
      : []),
    ...(signal === undefined ? [] : reloadSignalNotes(signal, spec)),
    ...(spec.schedule === null
      ? []
      : [wrong(['reload'], 'a scheduled job reads its settings with every run', 'leave reload out')]),
    ...spec.reload.on_change.flatMap((entry) => changeNotes(entry, app, spec, context)),
  ];
}

function reloadSignalNotes(value: string | number, spec: AppSpec): readonly SpecNote[] {
  const path = ['reload', 'signal'];
  const unknown = signalNotes(path, value);
  if (unknown.length > 0) return unknown;
  const name = readSignal(value);
  const why = name === 'SIGKILL' ? 'it ends the process at once' : whyNoEnd(name);
  if (why !== undefined)
    return [wrong(path, `${name} has no program read its settings: ${why}`, 'for example HUP')];
  return name === 'SIGUSR1' && isNode(spec) ? [opensDebugger(path)] : [];
}

/** Fields that a process is told when it starts, and never again. */
function changeNotes(entry: string, app: App, spec: AppSpec, context: NormaliseContext): readonly SpecNote[] {
  const path = ['reload', 'on_change'];
  if (entry === WHOLE_CODE) return [];
  if (entry === WHOLE_SECRETS) {
    if (Object.keys(spec.env_from).length > 0) return [];
    return [
      wrong(
        path,
        'no variable of the app is read from elsewhere',
        'for example env: {KEY: {from_file: ./key}}',
      ),
    ];
  }
  const hint = `a change of it ${APP_FIELDS[entry]?.class === 'template' ? 'rolls the app by itself' : 'needs no reload'}; a file of this name is ./${entry}`;
  if (APP_FIELDS[entry]?.class === 'template' || entry === 'env_file') {
    return [wrong(path, `${entry} is fixed when a process starts: no reload changes it`, hint)];
  }
  if (APP_FIELDS[entry] !== undefined) {
    return [wrong(path, `${entry} is a setting of stateward, and no file that the app reads`, hint)];
  }
  const file = resolve(spec.cwd, entry);
  const isEnvFile = readList(app.env_file).some((one) => resolve(context.fileDir, one) === file);
  if (isEnvFile) {
    const why = `the variables of ${entry} are fixed when a process starts: no reload changes them`;
    return [wrong(path, why, 'a change of env_file rolls the app by itself')];
  }
  if (/[*?[{]/.test(entry) || context.inspect(file).kind !== 'missing') return [];
  return [
    {
      level: 'warning',
      code: 'CONFIG_NO_EFFECT',
      path,
      message: `${file} is not there, so no change of it is seen`,
    },
  ];
}

function wrong(path: readonly string[], message: string, hint: string): SpecNote {
  return { level: 'error', code: 'CONFIG_BAD_VALUE', path, message, hint };
}
