const SECRET_WORDS = new Set([
  ...[
    'TOKEN',
    'TOKENS',
    'SECRET',
    'SECRETS',
    'PASSWORD',
    'PASSWORDS',
    'PASSWD',
    'PASS',
    'PWD',
    'PASSPHRASE',
    'PASSCODE',
    'PW',
  ],
  ...[
    'KEY',
    'KEYS',
    'APIKEY',
    'CREDENTIAL',
    'CREDENTIALS',
    'CREDS',
    'AUTH',
    'AUTHORIZATION',
    'DSN',
    'PRIVATE',
  ],
  ...[
    'SALT',
    'COOKIE',
    'COOKIES',
    'JWT',
    'CERT',
    'SIGNATURE',
    'WEBHOOK',
    'PAT',
    'PEM',
    'BEARER',
    'HMAC',
    'CSRF',
  ],
  ...['OTP', 'TOTP', 'MNEMONIC', 'REQUIREPASS', 'MASTERAUTH', 'DBPASS', 'USERPASS', 'SESSIONID', 'PHPSESSID'],
]);
const SECRET_PARTS = /TOKEN|SECRET|PASSW|PASSPHRASE|APIKEY|CREDENTIAL|PRIVATEKEY|ACCESSKEY|CONNECTIONSTRING/;
/** `SESSION` and `SESSION_ID` are secrets; `SESSION_STORE` and `SESSION_TIMEOUT` say how sessions are kept. */
const SESSION = /(?:^|_)(?:SESSION|SID)(?:_ID)?$/;

/** Names that end so say where a secret is, or how it is made, and hold none. */
const ABOUT = new Set([
  ...['FILE', 'PATH', 'DIR', 'TTL', 'TIMEOUT', 'LENGTH', 'SIZE', 'COUNT', 'LIMIT', 'INTERVAL', 'ENABLED'],
  ...['ALGORITHM', 'TYPE'],
]);

/** What a unit of systemd has for credentials: their names, and the files they are in. */
const LOADS = /^LOAD_CREDENTIAL(?:_ENCRYPTED)?$/;

/** Whether a variable, flag or label of this name holds a secret, as far as a name can tell. */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toUpperCase()
    .split(/[^A-Z0-9]+/)
    .filter((word) => word !== '');
  // PWD alone is the working directory.
  if (words.length === 1 && words[0] === 'PWD') return false;
  if (words.length > 1 && ABOUT.has(words.at(-1) ?? '')) return false;
  if (LOADS.test(words.join('_'))) return false;
  return (
    words.some((word) => SECRET_WORDS.has(word)) ||
    SECRET_PARTS.test(words.join('')) ||
    SESSION.test(words.join('_'))
  );
}

/** Names of secrets: those that tell by themselves, and those that a file lists; `*` stands for any part of a name. */
export function secretNames(listed: readonly string[] = []): (name: string) => boolean {
  if (listed.length === 0) return isSecretName;
  const patterns = listed.map((name) => new RegExp(`^${name.split('*').map(literally).join('.*')}$`, 's'));
  return (name) => isSecretName(name) || patterns.some((pattern) => pattern.test(name.replace(/^-+/, '')));
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
