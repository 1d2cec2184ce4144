import * as Args from '@oclif/core/args';
import type { RevisionInfo, RevisionList } from '../../api/wire.ts';
import { EXIT } from '../../lib/exit-codes.ts';
import type { ExitCode } from '../../lib/exit-codes.ts';
import type { Api } from '../api.ts';
import { BaseCommand } from '../base-command.ts';
import { FailureError } from '../../lib/failure.ts';
import type { Failure } from '../../lib/failure.ts';
import { unwrap } from '../failures.ts';
import { openApi } from '../connect.ts';
import { outputFlag } from '../output-format.ts';
import { renderHistory } from '../views/history.ts';
import { renderJson } from '../views/json.ts';

/** `history`: the accepted revisions of a project, newest first. */
export default class History extends BaseCommand {
  static override summary = 'List the accepted revisions of a project, newest first.';
  static override examples = ['<%= config.bin %> history shop'];
  static override args = {
    project: Args.string({ description: 'Project; default: every project.', ignoreStdin: true }),
  };
  static override flags = { output: outputFlag(['table', 'wide', 'json']) };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(History);
    const api = openApi(this.home);
    const items: RevisionInfo[] = [];
    for (const project of await this.#projects(api, args[0])) {
      items.push(...unwrap(await api.revisions(project)).items);
    }
    if (items.length === 0 && args[0] !== undefined)
      throw new FailureError(await noSuchProject(args[0], api));
    if (flags.output === 'json') {
      const list: RevisionList = { apiVersion: 'v1', kind: 'RevisionList', items };
      this.print(renderJson(list));
    } else {
      const wide = flags.output === 'wide';
      this.print(renderHistory(items, { nowMs: this.context.clock.now(), wide }));
    }
    return EXIT.OK;
  }

  /** Taken from the apps: a project without any has nothing to go back to that `history NAME` would not show. */
  async #projects(api: Api, given: string | undefined): Promise<readonly string[]> {
    return given === undefined ? knownProjects(api) : [given];
  }
}

async function knownProjects(api: Api): Promise<readonly string[]> {
  const { items } = unwrap(await api.apps({ selectors: [], spec: 'none' }));
  return [...new Set(items.map(({ project }) => project))];
}

async function noSuchProject(name: string, api: Api): Promise<Failure> {
  const known = await knownProjects(api);
  return {
    code: 'NOT_FOUND',
    message: `there is no project ${name}`,
    hint: known.length === 0 ? 'nothing was applied yet' : `known are ${known.join(', ')}`,
  };
}
