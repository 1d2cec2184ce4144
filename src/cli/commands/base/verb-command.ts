import * as Args from '@oclif/core/args';
import type { VerbRequest, VerbResponse } from '../../../api/contract/wire.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import { FailureError } from '../../../lib/failure.ts';
import type { Failure } from '../../../lib/failure.ts';
import type { Api } from '../../session/api.ts';
import { BaseCommand } from './base-command.ts';
import { converge } from '../../wait/converge.ts';
import { isEcosystemName } from '../../declare/project-files.ts';
import { renderJson } from '../../views/json.ts';
import { renderVerbResults } from '../../views/verb-results.ts';

/** Positional selectors, as every verb takes them. */
export const selectorArgs = {
  app: Args.string({
    description: 'Selectors: all, name, project/name, name:slot, id, /regex/, namespace.',
    required: true,
    ignoreStdin: true,
  }),
};

/** How a verb ends: its flags, as parsed. */
export interface VerbFlags {
  readonly wait: boolean;
  readonly timeout: number;
  readonly output: 'table' | 'json';
}

/** Commands that send one operator verb and wait for what follows from it. */
export abstract class VerbCommand extends BaseCommand {
  /** Sends the verb, starting the daemon when none runs, and waits until the apps are as asked for. */
  protected async sendVerb(request: VerbRequest, flags: VerbFlags): Promise<ExitCode> {
    const api = this.connectOrStart();
    const response = await api.verb(request);
    if (!response.ok) throw new FailureError(withFileHint(response.error, request.selectors));
    return this.finishVerb(api, response.value, flags);
  }

  protected async finishVerb(api: Api, response: VerbResponse, flags: VerbFlags): Promise<ExitCode> {
    const json = flags.output === 'json';
    if (!json) this.print(renderVerbResults(response));
    if (response.results.length === 0 && response.targets.length === 0) this.note('no apps');
    if (flags.wait && response.targets.length > 0) {
      const exit = await converge({
        api,
        targets: response.targets,
        timeoutMs: flags.timeout,
        context: this.context,
        style: this.errStyle,
      });
      if (exit !== EXIT.OK) return exit;
    }
    if (json) this.print(renderJson(response));
    return EXIT.OK;
  }
}

/** PM2 takes the name of a file wherever it takes the name of an app. */
function withFileHint(failure: Failure, selectors: readonly string[]): Failure {
  const file = selectors.find(isEcosystemName);
  if (failure.code !== 'SELECTOR_NOT_FOUND' || file === undefined) return failure;
  return {
    ...failure,
    hint: `apps are meant here, not files; what a file says is made so by: stateward apply -f ${file}`,
  };
}
