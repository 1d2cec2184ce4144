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
  static override examples = ['<%= config.bin %> metrics', '<%= config.bin %> metrics -o openmetrics'];
  static override flags = { output: outputFlag(['prometheus', 'openmetrics', 'json']) };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(Metrics);
    const metrics = unwrap(await this.connect().metrics());
    const { output } = flags;
    this.print(output === 'json' ? renderJson(metrics) : metricsText(metrics.families, output));
    return EXIT.OK;
  }
}
