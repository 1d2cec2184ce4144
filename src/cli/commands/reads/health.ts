import * as Args from '@oclif/core/args';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { FailureError } from '../../../lib/failure.ts';
import { selectionFlags } from '../base/flags.ts';
import { BaseCommand } from '../base/base-command.ts';
import { unwrap } from '../../session/failures.ts';
import { checkHealth, unhealthy } from '../../views/apps/health.ts';

/** `health`: a check for machines. `cli/fast/fast-health.ts` answers its plain form before oclif is loaded. */
export default class Health extends BaseCommand {
  static override aliases = ['healthcheck'];
  static override changesNothing = true;
  static override summary =
    'Check that apps are healthy and in sync: exit 0, else 1 with one line that says why.';
  static override description =
    'For the health check of a container, a probe, or a script; quick, and nothing is waited for: an app that is still ' +
    'starting is not healthy yet. Apps that have completed, or that somebody has stopped, count as healthy. Exit 1 also ' +
    'where no daemon runs, it does not answer, or there is no such app.';
  static override examples = [
    '<%= config.bin %> health',
    '<%= config.bin %> health shop/api',
    'HEALTHCHECK CMD ["stateward", "health"]',
  ];
  static override strict = false;
  static override args = {
    app: Args.string({ description: 'Selectors of apps; default: all.', ignoreStdin: true }),
  };
  static override flags = selectionFlags;

  async run(): Promise<ExitCode> {
    const { args } = await this.parseLine(Health);
    const api = this.connect();
    try {
      const selectors = await this.selectorsNamed(args, api);
      const list = unwrap(await api.apps({ selectors, spec: 'none', detail: 'brief' }));
      const { isHealthy, line } = checkHealth(list);
      this.print(line);
      return isHealthy ? EXIT.OK : EXIT.FAILED;
    } catch (error) {
      if (!(error instanceof FailureError)) throw error;
      this.print(unhealthy(error.failures[0].message).line);
      return EXIT.FAILED;
    }
  }
}
