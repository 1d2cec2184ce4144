import * as Args from '@oclif/core/args';
import { isFilter } from '../../../api/contract/selector-filters.ts';
import { appKey } from '../../../lib/app-key.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { selectionFlags } from '../base/flags.ts';
import { BaseCommand } from '../base/base-command.ts';
import { unwrap } from '../../session/failures.ts';
import { isBroken, lastLogLines } from '../../wait/last-log-lines.ts';
import { outputFlag } from '../base/output-format.ts';
import { renderJson } from '../../views/json.ts';
import { needsAttention, sortApps } from '../../views/apps/app-order.ts';
import { renderWhy } from '../../views/apps/why.ts';

/** `why`: an app in a few lines, with the next command to try. */
export default class Why extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Say why an app is as it is, what it waits for, and what to try next.';
  static override description = 'Without a name: of everything that is not as it should be.';
  static override examples = ['<%= config.bin %> why', '<%= config.bin %> why shop/api'];
  static override strict = false;
  static override args = {
    app: Args.string({
      description: 'Selectors of apps; default: all that are not well.',
      ignoreStdin: true,
    }),
  };
  static override flags = { ...selectionFlags, output: outputFlag(['table', 'json']) };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Why);
    const api = this.connect();
    const selectors = await this.selectorsNamed(args, api);
    const found = unwrap(await api.apps({ selectors, spec: 'none' })).items;
    const isNamed = args.some((word) => !isFilter(word));
    const items = isNamed ? found : sortApps(found, { key: 'health' }).filter(needsAttention);
    if (items.length === 0) this.note(found.length === 0 ? 'no apps' : 'everything is as it should be');
    const explained = await Promise.all(items.map(({ project, name }) => api.why({ project, name })));
    const documents = explained.map(unwrap);
    if (flags.output === 'json') {
      const [first] = documents;
      this.print(renderJson(isNamed && documents.length === 1 && first !== undefined ? first : documents));
      return EXIT.OK;
    }
    const texts: string[] = [];
    for (const [index, why] of documents.entries()) {
      const { project = '', name = '' } = items[index] ?? {};
      const log = isBroken(why.health) ? await lastLogLines(appKey(project, name), api) : [];
      texts.push(renderWhy(why, { style: this.outStyle, nowMs: this.context.clock.now(), log }));
    }
    this.print(texts.join('\n'));
    return EXIT.OK;
  }
}
