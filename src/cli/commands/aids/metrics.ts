import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as Flags from '@oclif/core/flags';
import { metricsText } from '../../../api/contract/metrics/metrics-text.ts';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { unwrap } from '../../session/failures.ts';
import { renderJson } from '../../views/json.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';

/** `metrics`: what `/metrics` says. */
export default class Metrics extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Print what is measured of apps, instances, sources and stateward itself.';
  static override description =
    'As Prometheus and others read it; /metrics of the API has the same. docs/metrics.md lists every name, and how a host on ' +
    'which nothing listens on the network is measured.';
  static override examples = [
    '<%= config.bin %> metrics',
    '<%= config.bin %> metrics -o openmetrics',
    '<%= config.bin %> metrics --alerts > /etc/prometheus/stateward.yml',
    '<%= config.bin %> metrics --board > board.json',
  ];
  static override flags = {
    output: outputFlag(['prometheus', 'openmetrics', 'json']),
    alerts: Flags.boolean({
      description: 'Print rules for alerts of Prometheus in their place.',
      exclusive: ['board'],
    }),
    board: Flags.boolean({ description: 'Print a board for Grafana in their place.' }),
  };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(Metrics);
    if (flags.alerts || flags.board) {
      const file = flags.alerts ? 'alerts.yaml' : 'grafana-board.json';
      this.print(readFileSync(join(dirname(this.context.files.schema), '../docs/metrics', file), 'utf8'));
      return EXIT.OK;
    }
    const metrics = unwrap(await this.connect().metrics());
    const { output } = flags;
    this.print(output === 'json' ? renderJson(metrics) : metricsText(metrics.families, output));
    return EXIT.OK;
  }
}
