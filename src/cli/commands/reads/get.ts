import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { AppList } from '../../../api/contract/wire/apps.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import type { Api, AppsQuery } from '../../session/api.ts';
import { BaseCommand } from '../base/base-command.ts';
import { unwrap } from '../../session/failures.ts';
import type { OutputFormat } from '../base/output-format.ts';
import { outputFlag } from '../base/output-format.ts';
import { renderEcosystem } from '../../views/apps/ecosystem.ts';
import { renderAppNames, renderApps } from '../../views/apps/app-table.ts';
import { renderJson, renderJsonLine } from '../../views/json.ts';

const CLEAR_SCREEN = '\u001b[H\u001b[2J';

/** `get`: what runs. `cli/fast/fast-get.ts` answers its plain form with the same views, before oclif is loaded. */
export default class Get extends BaseCommand {
  static override aliases = ['ls', 'list', 'ps', 'status'];
  static override changesNothing = true;
  static override summary = 'List apps with their state.';
  static override examples = [
    '<%= config.bin %> get',
    '<%= config.bin %> get shop/api -o wide',
    '<%= config.bin %> get -o yaml > ecosystem.yaml',
  ];
  static override strict = false;
  static override pm2 = 'get' as const;
  static override args = {
    app: Args.string({
      description: 'Selectors: all, name, project/name, name:slot, id, /regex/, namespace.',
      ignoreStdin: true,
    }),
  };
  static override flags = {
    watch: Flags.boolean({ char: 'w', description: 'Print again after every change.' }),
    'no-headers': Flags.boolean({ description: 'Leave the header line out.' }),
    'show-secrets': Flags.boolean({ description: 'Print secret values with -o json and -o yaml.' }),
    output: outputFlag(['table', 'wide', 'json', 'yaml', 'name']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Get);
    const api = this.connect();
    const selectors = await this.selectorsNamed(args, api);
    const spec = flags['show-secrets'] ? 'full' : 'redacted';
    const withSpec = flags.output === 'json' || flags.output === 'yaml';
    const query: AppsQuery = withSpec ? { selectors, spec } : { selectors, spec: 'none', detail: 'brief' };
    if (flags.watch) return this.#watch(api, query, flags);
    const list = unwrap(await api.apps(query));
    this.print(await this.#render(list, flags.output, flags['no-headers']));
    if (list.items.length === 0 && flags.output !== 'json') this.note('no apps');
    return EXIT.OK;
  }

  async #watch(
    api: Api,
    query: AppsQuery,
    flags: { readonly output: OutputFormat; readonly 'no-headers': boolean },
  ): Promise<ExitCode> {
    const { streams, env } = this.context;
    const isDrawn = streams.stdout.isTTY === true && env['TERM'] !== 'dumb';
    const redraw = isDrawn && flags.output !== 'json';
    for await (const list of api.watchApps(query)) {
      if (redraw) this.print(CLEAR_SCREEN);
      const text =
        flags.output === 'json'
          ? renderJsonLine(list)
          : await this.#render(list, flags.output, flags['no-headers']);
      this.print(flags.output === 'yaml' ? `---\n${text}` : text);
    }
    return EXIT.OK;
  }

  async #render(list: AppList, output: OutputFormat, noHeaders: boolean): Promise<string> {
    switch (output) {
      case 'json':
        return renderJson(list);
      case 'yaml':
        return renderEcosystem(list.items);
      case 'name':
        return renderAppNames(list);
      case 'table':
      case 'wide':
        return renderApps(list, {
          style: this.outStyle,
          nowMs: this.context.clock.now(),
          noHeaders,
          wide: output === 'wide',
        });
    }
  }
}
