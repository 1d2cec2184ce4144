import type { CommandPage, FlagPage } from '../pages/command-page.ts';
import { definitions, paragraphs, section, wrapped } from './layout.ts';

/** The help of a command: what it is for, examples, and then everything that it takes. */
export function commandHelp(page: CommandPage, width: number): string {
  const own = page.flags.filter(({ isGlobal }) => !isGlobal);
  const global = page.flags.filter(({ isGlobal }) => isGlobal);
  const lines = [
    ...wrapped(page.summary, width, 0),
    '',
    ...section(
      'Examples',
      page.examples.map((example) => `  ${example}`),
    ),
    ...section(
      'Usage',
      page.usage.map((usage) => `  stateward ${usage}`),
    ),
    ...(page.description === '' ? [] : [...paragraphs(page.description, width), '']),
    ...section(
      'Arguments',
      definitions(
        page.args.map(({ name, description }) => [name.toUpperCase(), description]),
        width,
      ),
    ),
    ...section('Flags', definitions(own.map(flagRow), width)),
    ...section('Global flags', definitions(global.map(flagRow), width)),
    ...(page.aliases.length === 0 ? [] : wrapped(`Also called: ${page.aliases.join(', ')}`, width, 0)),
  ];
  return lines.join('\n').trimEnd() + '\n';
}

/** `-f, --file FILE` and what it does. */
export function flagRow(flag: FlagPage): readonly [string, string] {
  const { name, char, canBeOff, value, repeats, preset, options } = flag;
  const long = `--${canBeOff ? '[no-]' : ''}${name}${value === undefined ? '' : ` ${value}`}`;
  const notes = [
    ...(options !== undefined && value !== options.join('|') ? [options.join(', ')] : []),
    ...(repeats && !flag.description.includes('repeat') ? ['may be repeated'] : []),
    ...(preset === undefined ? [] : [`default: ${preset}`]),
  ];
  const about = notes.length === 0 ? flag.description : `${flag.description} (${notes.join('; ')})`;
  return [`${char === undefined ? '    ' : `-${char}, `}${long}`, about];
}
