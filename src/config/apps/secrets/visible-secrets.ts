import type { SpecNote } from '../../../spec/normalise/normalise-context.ts';
import { redactSpec } from '../../../spec/secrets/redact.ts';
import type { AppSpec } from '../../../spec/types.ts';

/** Fields that become arguments of a process. */
const FIELDS = ['args', 'interpreter_args', 'script'] as const;

const MESSAGE = 'one of the arguments looks like a secret, and every user of the host can see arguments (ps)';
const HINT = 'give it to the app in `env` or `env_file`, which only the user of the app can see';

/** Secrets that stateward hides and the host shows: arguments of a process, a shell line among them. */
export function visibleSecretNotes(spec: AppSpec): readonly SpecNote[] {
  const shown = redactSpec(spec);
  return FIELDS.filter((field) => String(shown[field]) !== String(spec[field])).map((field) => ({
    level: 'warning',
    code: 'CONFIG_ADVICE',
    path: [field],
    message: `${field}: ${MESSAGE}`,
    hint: HINT,
  }));
}
