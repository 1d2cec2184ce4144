import picomatch from 'picomatch';

/** Whether a path below the folder of an app stays out of its image: `src/index.js`, with its folders. */
export type Ignored = (path: string) => boolean;

/**
 * Never in an image, whatever is asked for: what tools keep passwords in, the history of the code, and what stands beside
 * an app and is none of it. Of folders with all that is in them.
 */
const NEVER: readonly RegExp[] = [
  /^\.(?:git|hg|svn|jj|ssh|aws|azure|gnupg|kube|docker|terraform)$/,
  /^\.(?:netrc|npmrc|yarnrc\.yml|pypirc|pgpass|git-credentials|htpasswd|envrc)$/,
  /^\.env(?:\..+)?$/,
  /^id_(?:rsa|dsa|ecdsa|ed25519)$/,
  /\.(?:p12|pfx|jks|keystore|kdbx|age|asc|gpg)$/i,
  /^\.DS_Store$/,
];
/** At the top of the folder: how it is declared and built. */
const BESIDE =
  /^(?:ecosystem(?:\..*)?\.(?:c?js|mjs|ts|json|ya?ml)|\.dockerignore|dockerfile(?:\..*)?|docker-compose.*)$/i;
const PACKAGES = /(?:^|\/)node_modules\//;

/** What packages ship is theirs: an `.asc` in one is no secret of the app. */
function isNever(path: string): boolean {
  const names = path.split('/');
  if (PACKAGES.test(path)) return names.includes('.git');
  return (
    names.some((name) => NEVER.some((never) => never.test(name))) || (names.length === 1 && BESIDE.test(path))
  );
}

/** `text`: of `.dockerignore`. `also`: paths below the folder. */
export function ignoredBy(text: string, also: ReadonlySet<string>): Ignored {
  const rules = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(ruleOf);
  return (path) => {
    if (isNever(path) || also.has(path)) return true;
    const last = rules.findLast(({ matches }) => matches(path));
    return last !== undefined && !last.isWanted;
  };
}

/** Whether a later line can want something back that is below a folder that an earlier one leaves out. */
export function wantsBack(text: string): boolean {
  return /^\s*!/m.test(text);
}

interface Rule {
  readonly isWanted: boolean;
  readonly matches: (path: string) => boolean;
}

/** A line of `.dockerignore`: below the top of the folder, with all that is in what it names. */
function ruleOf(line: string): Rule {
  const isWanted = line.startsWith('!');
  const pattern = line
    .slice(isWanted ? 1 : 0)
    .trim()
    .replace(/^(?:\.?\/)+/, '')
    .replace(/\/+$/, '');
  // No braces and no extended globs there.
  const matches = picomatch([pattern, `${pattern}/**`], {
    ...{ dot: true, nobrace: true, noextglob: true, nonegate: true },
  });
  return { isWanted, matches };
}
