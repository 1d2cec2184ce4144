import type { AppBuilder } from '../model/build-app.ts';
import { httpOfCommand } from '../model/http-command.ts';
import { isPlain, numberAt, textAt, textsOf } from '../model/plain-node.ts';
import { withVariables } from './variables.ts';

/** `healthcheck` of a service as the probe of readiness. */
export function healthcheck(app: AppBuilder, value: unknown): void {
  if (!isPlain(value) || value['disable'] === true) return;
  const { test } = value;
  const [first, ...rest] = textsOf(test);
  if (first === undefined || first === 'NONE') {
    app.unmapped('healthcheck', value);
    return;
  }
  const command =
    typeof test === 'string'
      ? ['sh', '-c', test]
      : first === 'CMD-SHELL'
        ? ['sh', '-c', rest.join(' ')]
        : first === 'CMD'
          ? rest
          : [first, ...rest];
  const retries = numberAt(value['retries'] ?? 3);
  const http = httpOfCommand(first === 'CMD' ? rest : typeof test === 'string' ? test : rest.join(' '));
  app.set('readiness', {
    ...(http === null ? { exec: { command: withVariables(command) } } : { http }),
    period: textAt(value['interval'], '30s'),
    timeout: textAt(value['timeout'], '30s'),
    ...(value['start_period'] !== undefined && { initial_delay: textAt(value['start_period'], '0s') }),
    ...(Number.isInteger(retries) && retries > 0 && { failure_threshold: retries }),
  });
  app.differs(
    'readiness',
    'says whether it may take work; `liveness` restarts what no longer answers, which Compose does not do',
  );
}
