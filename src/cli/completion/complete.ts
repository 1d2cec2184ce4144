import { readFileSync } from 'node:fs';
import type { RawReply } from '../../api/client/raw-reply.ts';
import type { AppList } from '../../api/contract/wire/apps.ts';
import { unsafeHome } from '../../home/check.ts';
import { homeLayout, resolveHome } from '../../home/layout.ts';
import type { CommandPage } from '../pages/command-page.ts';
import { candidatesAt } from './candidates.ts';
import type { Candidate } from './candidates.ts';
import { offered } from './offered.ts';
import { mergeWords, shownTo } from './shells.ts';
import { placeOf } from './place.ts';

const HTTP_OK = 200;

export interface Completing {
  /** What a shell passes on: its name, then the words behind the program's up to the cursor, the last perhaps empty. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Path of what the build wrote about the commands. */
  readonly pagesFile: string;
  readonly fetch: (socketPath: string, path: string) => Promise<RawReply>;
}

/** The lines that a shell offers at the end of a command line. Whatever goes wrong, there are none: nobody asked aloud. */
export async function complete({ argv, env, pagesFile, fetch }: Completing): Promise<string> {
  try {
    const [shell = '', ...typed] = argv;
    const words = shell === 'bash' ? mergeWords(typed, env['STATEWARD_WORDBREAKS'] ?? '') : typed;
    const pages = JSON.parse(readFileSync(pagesFile, 'utf8')) as readonly CommandPage[];
    const place = placeOf(words, pages);
    const home = resolveHome(valueOf(words, ['--home']), env);
    const found = await candidatesAt(place, {
      pages,
      folder: process.cwd(),
      file:
        valueOf(words, ['-f', '--file']) ??
        words.find((word) => /\.(ya?ml|json|config\.[cm]?[jt]s)$/.test(word)),
      apps: () => read<AppList>(home, 'apps?spec=none&detail=brief', fetch),
      actions: async () =>
        offered(await read<AppList>(home, 'apps?spec=none&detail=brief&agents=true', fetch), words),
      declared: async (kind) =>
        (await read<NamedItems>(home, kind, fetch))?.items.map((item) =>
          // Several browsers have logged in with one token.
          kind === 'sessions' ? (item.id ?? item.name) : item.name,
        ) ?? [],
    });
    const whole = found.map((one): Candidate => ({ ...one, value: place.prefix + one.value }));
    return shownTo(shell, whole, { typed: words.at(-1) ?? '', breaks: env['STATEWARD_WORDBREAKS'] ?? '' });
  } catch {
    return '';
  }
}

/** The value of a flag that stands before the last word. */
function valueOf(words: readonly string[], names: readonly string[]): string | undefined {
  for (const [index, word] of words.slice(0, -1).entries()) {
    const value = words[index + 1];
    if (names.includes(word) && value !== undefined && index + 1 < words.length - 1) return value;
    const joined = names.find((name) => word.startsWith(`${name}=`));
    if (joined !== undefined) return word.slice(joined.length + 1);
  }
  return undefined;
}

interface NamedItems {
  readonly items: readonly { readonly name: string; readonly id?: string }[];
}

/** What the daemon of a home says; null: none answers. */
async function read<T>(home: string, path: string, fetch: Completing['fetch']): Promise<T | null> {
  if (unsafeHome(home) !== null) return null;
  try {
    const { status, body } = await fetch(homeLayout(home).apiSocket, `/v1/${path}`);
    return status === HTTP_OK ? (JSON.parse(body) as T) : null;
  } catch {
    return null;
  }
}
