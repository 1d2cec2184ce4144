import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { AppList } from '../../../api/contract/wire/apps.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import type { Api, AppsQuery } from '../../session/api.ts';
import { FailureError } from '../../../lib/failure.ts';
import { selectionFlags, targetFlag } from '../base/flags.ts';
import { BaseCommand } from '../base/base-command.ts';
import { isPm2Setting, settingHint } from '../../foreign/pm2-words.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import type { OutputFormat } from '../base/output-format.ts';
import { outputFlag } from '../base/output-format.ts';
import { renderEcosystem } from '../../views/apps/ecosystem.ts';
import { parseOrder, SORT_KEYS, sortApps } from '../../views/apps/app-order.ts';
import type { Order } from '../../views/apps/app-order.ts';
import type { LabelColumns } from '../../views/apps/cells.ts';
import { renderAppNames, renderApps } from '../../views/apps/app-table.ts';
import { renderJson, renderJsonLine } from '../../views/json.ts';
import { terminalWidth } from '../../views/text/terminal.ts';

interface Shape {
  readonly output: OutputFormat;
  readonly noHeaders: boolean;
  readonly sort: Order | undefined;
  readonly labels: LabelColumns;
}

const BY_NEED: Order = { key: 'health' };

/** `get`: what runs. */
export default class Get extends BaseCommand {
  static override aliases = ['ls', 'list', 'l', 'ps', 'status'];
  static override changesNothing = true;
  static override endsWithReader = true;
  static override summary = 'List apps with their state.';
  static override description = `What does not work comes first, with why in a line. SYNC is shown where something is not synced.

RESTARTS counts those that nobody asked for; -o wide has the reasons, and the ports that each process listens on.`;
  static override examples = [
    '<%= config.bin %> get',
    '<%= config.bin %> get shop/api -o wide',
    '<%= config.bin %> get --sort memory',
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
    ...selectionFlags,
    watch: Flags.boolean({
      char: 'w',
      description: 'Keep showing: drawn in place on a terminal, else a line a change.',
    }),
    'show-labels': Flags.boolean({ description: 'Add a column with all labels.' }),
    'label-columns': Flags.string({
      char: 'L',
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      description: 'Add a column for each of these labels (KEY,KEY or repeated).',
      helpValue: 'KEY',
    }),
    'no-headers': Flags.boolean({ description: 'Leave the header line out.' }),
    'show-secrets': Flags.boolean({ description: 'Print secret values with -o json and -o yaml.' }),
    sort: sortFlag(),
    ...targetFlag,
    output: outputFlag(['table', 'wide', 'json', 'yaml', 'name']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Get);
    const api = this.connect();
    const [setting] = args.filter(isPm2Setting);
    if (setting !== undefined) await this.#checkIsApp(setting, api);
    const selectors = await this.selectorsNamed(args, api);
    const spec = flags['show-secrets'] ? 'full' : 'redacted';
    const withSpec = flags.output === 'json' || flags.output === 'yaml';
    const ports = flags.output === 'wide' || flags.output === 'json';
    const query: AppsQuery = withSpec
      ? { selectors, spec, ports }
      : { selectors, spec: 'none', detail: 'brief', ports };
    const labels = { all: flags['show-labels'], keys: flags['label-columns'] ?? [] };
    const shape = { ...flags, noHeaders: flags['no-headers'], labels };
    if (flags.watch) return this.#watch(api, query, shape);
    const list = unwrap(await api.apps(query));
    this.print(await this.#render(list, shape));
    if (list.items.length === 0 && flags.output !== 'json') this.note('no apps');
    return EXIT.OK;
  }

  /** PM2's `get KEY` prints a setting. */
  async #checkIsApp(word: string, api: Api): Promise<void> {
    if ((await api.apps({ selectors: [word], spec: 'none', detail: 'brief' })).ok) return;
    throw new FailureError({
      code: 'SELECTOR_NOT_FOUND',
      message: `there is no app ${word}; of PM2 it is a setting`,
      hint: settingHint([word]),
    });
  }

  async #watch(api: Api, query: AppsQuery, shape: Shape): Promise<ExitCode> {
    const { output, noHeaders, labels } = shape;
    if (output === 'table' || output === 'wide') {
      const { watchTable } = await import('../../watch/watch-table.ts');
      return watchTable({
        context: this.context,
        watch: (live, signal) => api.watchApps({ ...query, ...(live && { usage: true }) }, { signal }),
        table: { style: this.outStyle, noHeaders, wide: output === 'wide', labels },
        order: (list) => ordered(list, shape),
      });
    }
    for await (const list of api.watchApps(query)) {
      const text = output === 'json' ? renderJsonLine(list) : await this.#render(list, shape);
      this.print(output === 'yaml' ? `---\n${text}` : text);
    }
    return EXIT.OK;
  }

  async #render(found: AppList, shape: Shape): Promise<string> {
    const { output, noHeaders, labels } = shape;
    const list = ordered(found, shape);
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
          labels,
          columns: terminalWidth(this.context.streams.stdout),
        });
    }
  }
}

function ordered(list: AppList, { output, sort }: Shape): AppList {
  const order = sort ?? (output === 'table' || output === 'wide' ? BY_NEED : null);
  return order === null ? list : { ...list, items: sortApps(list.items, order) };
}

function sortFlag() {
  return Flags.custom<Order>({
    description: `Order of the apps: ${SORT_KEYS.join(', ')}; default: health in tables, else name.`,
    helpValue: 'KEY[:asc|:desc]',
    parse: async (input) => {
      const order = parseOrder(input);
      if (order !== null) return Promise.resolve(order);
      const help = `write one of ${SORT_KEYS.join(', ')}, with :asc or :desc behind it to turn the order`;
      throw usageError(`--sort: ${JSON.stringify(input)} is not an order`, help);
    },
  })();
}
