import { Lexer } from 'yaml';
import { LIMITS } from './limits.ts';

/** The lexer's mark before the text of a scalar. */
const SCALAR = '\x1f';

/**
 * Whether a YAML text can be parsed in bounded time and memory: the parser recurses into brackets and into `- - -`,
 * and keeps an object for every token. The lexer does neither, so this stops early whatever the text.
 */
export function yamlHazard(text: string): 'too-deep' | 'too-large' | null {
  return isHarmless(text) ? null : lexicalHazard(text);
}

/** Characters below which no text has too many tokens. */
const SMALL = 1_000_000;

/** A look that costs next to nothing: brackets are counted wherever they are, also in texts and comments. */
function isHarmless(text: string): boolean {
  if (text.length > SMALL || /(?:[-?:][ \t]+){100}/.test(text)) return false;
  let brackets = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '[' || char === '{') brackets += 1;
    else if (char === ']' || char === '}') brackets -= 1;
    if (brackets > LIMITS.depth) return false;
  }
  return true;
}

function lexicalHazard(text: string): 'too-deep' | 'too-large' | null {
  let tokens = 0;
  let brackets = 0;
  let indicators = 0;
  let isScalar = false;
  for (const token of new Lexer().lex(text)) {
    tokens += 1;
    if (tokens > LIMITS.tokens) return 'too-large';
    if (isScalar || token.startsWith('\n')) indicators = 0;
    else if (token === '-' || token === '?' || token === ':') indicators += 1;
    else if (token === '[' || token === '{') brackets += 1;
    else if (token === ']' || token === '}') brackets -= 1;
    if (brackets > LIMITS.depth || indicators > 2 * LIMITS.depth) return 'too-deep';
    isScalar = token === SCALAR;
  }
  return null;
}
