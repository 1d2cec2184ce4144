import {
  everyCall,
  type ApiBackend,
  type ApiCalls,
  type CallName,
  type Requests,
} from '../../api/contract/endpoints/backend.ts';
import type { Made } from '../../state/audit/audit-entry.ts';
import type { Store } from '../../state/store.ts';

interface Act extends Made {
  readonly about: string;
}

/** Requests that do something and change nothing of what is desired. Whoever changes that is on record by the commit. */
const ACTS: { readonly [K in CallName]?: (request: Requests[K]) => Act | null } = {
  signal: ({ selectors, signal, by }) => act(by, `signal ${signal}`, selectors),
  message: ({ selectors, by }) => act(by ?? '', 'send', selectors),
  runAction: ({ selectors, action, by }) => act(by, `trigger ${action}`, selectors),
  launch: ({ selectors, command, by }) => act(by, `exec ${command[0] ?? ''}`, selectors),
  reset: ({ selectors, by }) => act(by, 'reset', selectors),
  flushLogs: ({ selectors, by }) => act(by, 'flush', selectors),
  declareSources: ({ sources, by, command }) =>
    act(
      by,
      command,
      sources.map(({ name }) => name),
    ),
  actOnSource: ({ verb, name, by }) => act(by, `source ${verb}`, [name]),
  declareReceivers: ({ receivers, by, command }) =>
    act(
      by,
      command,
      receivers.map(({ name }) => name),
    ),
  removeReceiver: ({ name, by }) => act(by, 'notify remove', [name]),
  createToken: ({ name, access, by }) =>
    act(by, `token create${access === 'write' ? ' --write' : ''}`, [name]),
  deleteToken: ({ token, by }) => act(by, 'token delete', [token]),
  deleteSession: ({ session, by }) => act(by, 'session delete', [session ?? '--all']),
  logIn: ({ access, by }) => act(by, `dash${access === 'write' ? ' --write' : ''}`, []),
  stopDaemon: ({ all, by }) => act(by ?? '', `daemon stop${all ? ' --all' : ''}`, []),
};

/** The backend; who does something with apps that is no change of them is in the audit log too. */
export function withAudit(backend: ApiBackend, store: Pick<Store, 'audit'>): ApiBackend {
  const calls: ApiCalls = backend;
  return {
    ...backend,
    ...everyCall((name) => {
      const read = ACTS[name];
      return async (request, wanted) => {
        const found = read?.(request) ?? null;
        // A disk that takes nothing keeps nobody from looking after the apps: the line is written later.
        if (found === null) return calls[name](request, wanted);
        const written = await store.audit({ kind: 'act', ...found }, { mayWait: true });
        const answer = await calls[name](request, wanted);
        if (!answer.ok && written.ok && written.value !== null) {
          const { message: why } = answer.error;
          await store.audit({ kind: 'undone', of: written.value, why }, { mayWait: true });
        }
        return answer;
      };
    }),
  };
}

function act(by: string, command: string, selectors: readonly string[]): Act {
  return { by, command, about: selectors.join(' ') };
}
