import type { CommandPage } from './command-page.ts';
import { EXIT } from '../../lib/exit-codes.ts';
import { EXIT_TEXTS } from '../help/explain-code.ts';
import { ABOUT } from '../help/root-help.ts';
import { flagRow } from '../help/command-help.ts';

/** The manual page, from what the commands say of themselves: troff with the macros of man(7). */
export function manPage(pages: readonly CommandPage[], version: string): string {
  const shown = pages.filter(({ isHidden }) => !isHidden);
  const global = shown[0]?.flags.filter(({ isGlobal }) => isGlobal) ?? [];
  return [
    `.TH STATEWARD 1 "" "stateward ${version}" "User Commands"`,
    '.SH NAME',
    `stateward, stw \\- ${text(ABOUT.replace(/\.$/, '').replace(/^K/, 'k'))}`,
    '.SH SYNOPSIS',
    '.B stateward',
    '.I COMMAND',
    '[FLAGS]',
    '.SH DESCRIPTION',
    text(
      `${ABOUT} stateward help prints the commands by what one wants, stateward help COMMAND all about one, and stateward help TOPIC the documentation.`,
    ),
    '.SH COMMANDS',
    ...shown.flatMap(commandSection),
    '.SH GLOBAL FLAGS',
    ...global.flatMap((flag) => tagged(...flagRow(flag))),
    '.SH EXIT STATUS',
    ...Object.entries(EXIT_TEXTS).flatMap(([name, about]) =>
      tagged(String(EXIT[name as keyof typeof EXIT]), about),
    ),
    '.SH ENVIRONMENT',
    ...tagged('STATEWARD_HOME', 'folder of the daemon: its sockets, state and logs (~/.stateward)'),
    ...tagged('NO_COLOR, FORCE_COLOR', 'no colours, or colours everywhere'),
    ...tagged('STATEWARD_DEBUG', 'with 1, the stack of an unexpected error is printed'),
    '.SH FILES',
    ...tagged(
      'ecosystem.yaml, ecosystem.config.js, pm2.config.js, process.json',
      'what is declared, by default that of the folder',
    ),
    '',
  ]
    .filter((line, index, all) => line !== '' || index === all.length - 1)
    .join('\n');
}

function commandSection({ name, summary, usage, flags, examples, aliases }: CommandPage): readonly string[] {
  const own = flags.filter(({ isGlobal }) => !isGlobal);
  return [
    `.SS ${text(name)}`,
    text(summary),
    ...(aliases.length === 0 ? [] : [`Also called: ${text(aliases.join(', '))}.`]),
    ...usage.flatMap((line) => ['.PP', `.B ${text(`stateward ${line}`)}`]),
    ...own.flatMap((flag) => tagged(...flagRow(flag))),
    ...(examples.length === 0
      ? []
      : ['.PP', 'Examples:', '.PP', '.nf', ...examples.map((one) => `    ${text(one)}`), '.fi']),
  ];
}

function tagged(name: string, about: string): readonly string[] {
  return ['.TP', `.B ${text(name.trim())}`, text(about === '' ? ' ' : about)];
}

/** Text in which nothing is troff: dashes are those that are typed, and no line begins with a control character. */
function text(words: string): string {
  return words
    .replaceAll(/\s+/g, ' ')
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(
      /[^\0-\x7f]/g,
      (sign) => `\\[u${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .replace(/^(['.])/, '\\&$1')
    .replaceAll('"', '\\(dq');
}
