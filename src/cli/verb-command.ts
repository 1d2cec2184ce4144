import * as Args from '@oclif/core/args';
import type { VerbRequest, VerbResponse } from '../api/wire.ts';
import type { ExitCode } from '../lib/exit-codes.ts';
import { EXIT } from '../lib/exit-codes.ts';
import type { Api } from './api.ts';
import { BaseCommand } from './base-command.ts';
import { unwrap } from './failures.ts';
import { converge } from './converge.ts';
import { renderJson } from './views/json.ts';
import { renderVerbResults } from './views/verb-results.ts';

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
    return this.finishVerb(api, unwrap(await api.verb(request)), flags);
  }

  protected async finishVerb(api: Api, response: VerbResponse, flags: VerbFlags): Promise<ExitCode> {
    const json = flags.output === 'json';
    if (!json) this.print(renderVerbResults(response));
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
