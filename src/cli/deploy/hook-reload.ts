/** What the file and the environment are in a command that reloads. */
export interface HookReload {
  readonly file: string | null;
  readonly env: string | null;
}

const RELOAD =
  /^(?:npx\s+)?(?:pm2|stateward|stw)\s+(?:startOrReload|startOrRestart|startOrGracefulReload|gracefulReload|reload|restart|start|apply)\b([^|;&<>`$]*)$/;

/**
 * `post-deploy` without the command at its end that reloads: hooks run before the new release is switched to, and deploy
 * ends in that reload itself, where its failure can still be taken back.
 */
export function reloadOf(hook: string | null): {
  readonly rest: string | null;
  readonly reload: HookReload | null;
  readonly notes: readonly string[];
} {
  if (hook === null) return { rest: null, reload: null, notes: [] };
  const parts = hook.trim().split(/(\s*(?:&&|;|\n)\s*)/);
  const last = parts.at(-1) ?? '';
  const [, words] = RELOAD.exec(last) ?? [];
  if (words === undefined) return { rest: hook, reload: null, notes: [] };
  const rest = parts.slice(0, -2).join('').trim();
  const list = words.split(/\s+/).filter(Boolean);
  const at = list.findIndex((word) => word === '--env');
  const env =
    at === -1
      ? (list.find((word) => word.startsWith('--env='))?.slice('--env='.length) ?? null)
      : (list[at + 1] ?? null);
  const file = list.find((word) => /^[^-].*\.(?:ya?ml|json5?|[cm]?[jt]s)$/.test(word)) ?? null;
  return {
    rest: rest === '' ? null : rest,
    reload: { file, env },
    notes: [`post-deploy: "${last}" is left out, because deploy ends in that reload itself`],
  };
}
