import { failureAt, sourceFile } from '../../config/read/source.ts';
import { err, ok } from '../../lib/result.ts';
import { splitWords } from '../../spec/normalise/run/split-words.ts';
import { AppBuilder } from '../model/build-app.ts';
import { programFields } from '../model/command.ts';
import { nothingIn, type ImportedApp, type ImportResult } from '../model/imported.ts';
import { readIni, SHOWN_PROBLEMS, SUPERVISOR, type IniEntry, type IniSection } from '../model/ini.ts';
import { environmentOf, expansions, type Known } from './values.ts';
import { stopSignal, usualStopSignal } from '../model/stop-signal.ts';
import { withUniqueNames } from '../model/unique-names.ts';

/** A file of supervisord: its programs, with the groups that they are in. */
export function importSupervisor(file: string, text: string): ImportResult {
  const source = sourceFile(file, text);
  const { sections, problems } = readIni(text, SUPERVISOR);
  if (problems.length > 0) {
    return err(
      problems.slice(0, SHOWN_PROBLEMS).map(({ line, message }) => {
        const start = source.lineStarts[line - 1] ?? 0;
        const hint =
          'a file of supervisord has [program:NAME] sections, with a key, = and a value in each line';
        return failureAt(source, { start, end: start + 1 }, { code: 'CONFIG_SYNTAX', message, hint });
      }),
    );
  }
  const groups = groupsOf(sections);
  const programs = sections.filter(({ name }) => /^(?:program|eventlistener|fcgi-program):/.test(name));
  const apps: ImportedApp[] = [];
  for (const section of programs) {
    const name = section.name.slice(section.name.indexOf(':') + 1).trim();
    if (!section.entries.some(({ key, value }) => key === 'command' && value !== '')) {
      const start = source.lineStarts[section.line - 1] ?? 0;
      const what = {
        code: 'CONFIG_MISSING_KEY',
        message: `[${section.name}] has no command`,
        hint: 'write command=...',
      } as const;
      return err([failureAt(source, { start, end: start + section.name.length + 2 }, what)]);
    }
    apps.push(appOf(section, name, groups.get(name) ?? null));
  }
  if (apps.length === 0) return err([nothingIn(file, 'program', 'programs are in sections: [program:web]')]);
  const others = sections.filter(
    ({ name }) => !programs.some((program) => program.name === name) && !name.startsWith('group:'),
  );
  const head =
    others.length === 0
      ? []
      : [
          `Not imported: ${others.map(({ name }) => `[${name}]`).join(', ')}, which is about supervisord itself.`,
        ];
  return ok({ apps: withUniqueNames(apps), root: {}, head, warnings: [] });
}

function groupsOf(sections: readonly IniSection[]): ReadonlyMap<string, string> {
  return new Map(
    sections
      .filter(({ name }) => name.startsWith('group:'))
      .flatMap(({ name, entries }) => {
        const programs = entries.find(({ key }) => key === 'programs')?.value ?? '';
        return programs
          .split(/[\s,]+/)
          .filter((program) => program !== '')
          .map((program) => [program, name.slice(6).trim()] as const);
      }),
  );
}

function appOf(section: IniSection, name: string, group: string | null): ImportedApp {
  const app = new AppBuilder(name);
  if (group !== null) app.set('namespace', group);
  const values = new Map(section.entries.map(({ key, value }) => [key, value]));
  const count = Number(values.get('numprocs') ?? 1);
  for (const entry of section.entries) setting(app, entry, { name, group: group ?? name, count, values });
  if (!values.has('directory') && String(app.get('script')).startsWith('.')) {
    app.advice(
      'directory is not there: supervisord runs it where supervisord was started; here: in the folder of this file',
    );
  }
  if (!section.name.startsWith('program:'))
    app.advice(`was a [${section.name}]: the protocol of supervisord that it speaks is not there`);
  if (!values.has('kill_timeout') && !values.has('stopwaitsecs')) app.set('kill_timeout', '10s');
  usualStopSignal(app);
  // Only the main process gets the signal there, unless a file says otherwise.
  if (!isTrue(values.get('stopasgroup') ?? '')) app.set('treekill', false);
  if (!values.has('autorestart')) restart(app, 'unexpected', values);
  return app.build(true);
}

interface Program extends Known {
  readonly count: number;
  readonly values: ReadonlyMap<string, string>;
}

function setting(app: AppBuilder, { key, value: raw }: IniEntry, program: Program): void {
  const value = expansions(raw, program);
  switch (key) {
    case 'command': {
      // A shell of its own takes the line as it is.
      app.setAll(programFields(splitWords(value.replace(/\s*\n\s*/g, ' '))));
      if (value.includes('${STATEWARD_SLOT}') || raw.includes('%(process_num)')) {
        app.differs(
          'args',
          'the number of the process is in its environment here: NODE_APP_INSTANCE, STATEWARD_SLOT (instance_var names another)',
        );
      }
      return;
    }
    case 'directory': {
      app.set('cwd', value);
      return;
    }
    case 'user': {
      app.set('uid', value);
      return;
    }
    case 'umask': {
      app.set('umask', value);
      return;
    }
    case 'environment': {
      app.env(environmentOf(value));
      return;
    }
    case 'numprocs':
      if (program.count > 1) {
        app.set('exec_mode', 'fork');
        app.set('instances', Number.isInteger(program.count) ? program.count : value);
      }
      return;
    case 'autostart':
      if (!isTrue(value)) app.set('autostart', false);
      return;
    case 'autorestart': {
      restart(app, value, program.values);
      return;
    }
    case 'exitcodes': {
      app.set('success_exit_codes', exitCodes(value));
      return;
    }
    case 'startsecs': {
      app.set('min_uptime', `${value}s`);
      return;
    }
    case 'startretries': {
      app.set('max_restarts', Number(value));
      return;
    }
    case 'stopwaitsecs': {
      app.set('kill_timeout', `${value}s`);
      return;
    }
    case 'stopsignal': {
      stopSignal(app, key, value);
      return;
    }
    case 'stopasgroup':
      return;
    case 'killasgroup':
      if (!isTrue(value) && !isTrue(program.values.get('stopasgroup') ?? ''))
        app.differs(
          null,
          'killasgroup=false: what it has started ends with it here; leftovers: keep leaves it alone',
        );
      return;
    case 'stdout_logfile':
    case 'stderr_logfile': {
      log(app, key, value);
      return;
    }
    case 'redirect_stderr':
      if (isTrue(value))
        app.set(
          'error_file',
          app.get('out_file') ?? expansions(program.values.get('stdout_logfile') ?? '', program),
        );
      if (app.get('error_file') === '' || app.get('error_file') === 'AUTO') app.set('error_file', undefined);
      return;
    case 'stdout_logfile_maxbytes':
    case 'stdout_logfile_backups': {
      rotation(app, program);
      return;
    }
    case 'priority': {
      app.unmapped(key, raw, 'what has to be there first: depends_on');
      return;
    }
    case 'process_name':
    case 'numprocs_start':
      if (program.count > 1 || key === 'numprocs_start') app.unmapped(key, raw);
      return;
    default: {
      app.unmapped(key, raw);
      return;
    }
  }
}

function restart(app: AppBuilder, value: string, values: Program['values']): void {
  const codes = exitCodes(values.get('exitcodes') ?? '0');
  if (value === 'unexpected') app.set('stop_exit_codes', codes);
  else if (!isTrue(value)) app.set('autorestart', false);
  app.set('success_exit_codes', codes);
}

function exitCodes(value: string): readonly number[] {
  return value
    .split(',')
    .map((code) => Number(code.trim()))
    .filter((code) => Number.isInteger(code) && code >= 0 && code < 256);
}

function log(app: AppBuilder, key: string, value: string): void {
  const field = key === 'stdout_logfile' ? 'out_file' : 'error_file';
  if (/^(?:AUTO|)$/i.test(value)) return;
  app.set(field, /^NONE$/i.test(value) ? '/dev/null' : value);
}

function rotation(app: AppBuilder, { values }: Program): void {
  const bytes = values.get('stdout_logfile_maxbytes');
  const keep = values.get('stdout_logfile_backups');
  if (bytes === '0') {
    app.set('log_rotate', false);
    return;
  }
  const size = /^(\d+)\s*(KB|MB|GB)?$/i.exec(bytes ?? '');
  app.set('log_rotate', {
    ...(size !== null && { size: `${size[1]}${(size[2] ?? '').charAt(0).toUpperCase()}` }),
    ...(/^\d+$/.test(keep ?? '') && { keep: Number(keep) }),
  });
}

function isTrue(value: string): boolean {
  return /^(?:true|yes|on|1)$/i.test(value.trim());
}
