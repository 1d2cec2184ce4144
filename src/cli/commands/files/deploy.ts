import { dirname } from 'node:path';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { DeploySection } from '../../../config/deploy/read-deploy.ts';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { FailureError } from '../../../lib/failure.ts';
import { redactVariable } from '../../../spec/secrets/redact.ts';
import { actionOf, type DeployWords } from '../../deploy/action.ts';
import { runDeploy, runLocally } from '../../deploy/run-deploy.ts';
import { deployScript } from '../../deploy/script.ts';
import { sshArguments } from '../../deploy/ssh.ts';
import { readTarget, type DeployTarget } from '../../deploy/target.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import { escapeControls } from '../../views/text/text.ts';
import { BaseCommand } from '../base/base-command.ts';

/** `deploy`: brings a commit to hosts over ssh, and reloads what the file declares there. */
export default class Deploy extends BaseCommand {
  static override summary = 'Bring a commit to other hosts over ssh, and reload there.';
  static override description =
    "Reads PM2's section deploy of an ecosystem file. Each commit gets a folder of its own below releases, the hooks run in " +
    'it, the link current is switched at once, and stateward apply --reload follows there under the rollout rules. A hook ' +
    'that fails switches nothing; a reload that fails switches back. Hosts come one after another.\n\n' +
    `Exit codes:
  0    done on every host
  1    something failed, and the lines say what and where
  3    a rollout failed: the release before runs, and is current again
  4    not converged in time: the new release is current, and the daemon there goes on
  64   wrong use   65   the file is invalid   69   no connection, or no stateward there`;
  static override usage = [
    'deploy [FILE] ENV [setup|update|REF]',
    'deploy [FILE] ENV revert [N]',
    'deploy [FILE] ENV exec COMMAND',
    'deploy [FILE] ENV current|previous|list',
  ];
  static override examples = [
    '<%= config.bin %> deploy production setup',
    '<%= config.bin %> deploy production',
    '<%= config.bin %> deploy ecosystem.config.js production v1.4.2',
    '<%= config.bin %> deploy production revert 1',
  ];
  static override strict = false;
  static override pm2 = 'deploy' as const;
  static override args = {
    words: Args.string({ description: 'FILE, ENV, and what to do.', ignoreStdin: true }),
  };
  static override flags = {
    file: Flags.string({ char: 'f', description: 'The ecosystem file.', helpValue: 'FILE' }),
    'dry-run': Flags.boolean({
      description: 'Print what would run, here and on each host, and connect to none.',
    }),
    'keep-going': Flags.boolean({ description: 'Go on with the next host after a failure.' }),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Deploy);
    const words = actionOf(args, flags.file, this.context.cwd);
    const section = await this.#read(words);
    const { target, notes } = readTarget(section);
    for (const line of notes) this.note(line);
    const action = words.action ?? { kind: 'update' as const, ref: target.ref.replace(/^origin\//, '') };
    const file = target.reload?.file ?? section.inRepository;
    if (file.startsWith('..') || file.startsWith('/')) {
      throw usageError(
        `${file} is not in the repository`,
        'the file that is applied on the host is one of the release',
      );
    }
    const env = target.reload?.env ?? (section.hasEnvironment(words.environment) ? words.environment : null);
    const plan = { target, action, file, env };
    if (flags['dry-run']) {
      this.#show(plan);
      return EXIT.OK;
    }
    const local = action.kind === 'update' ? target.hooks['pre-deploy-local'] : null;
    if (local !== null) {
      const code = await runLocally(local, { cwd: dirname(section.path), env: this.context.env });
      if (code !== 0) {
        this.note(`the hook pre-deploy-local ended with ${code}: no host was connected to`);
        return EXIT.FAILED;
      }
    }
    const isOne = target.hosts.length === 1;
    const { stdout, stderr } = this.context.streams;
    const code = await runDeploy({
      ...plan,
      keepGoing: flags['keep-going'],
      onLine: (host, stream, line) => {
        const text = escapeControls(line, false);
        (stream === 'out' ? stdout : stderr).write(isOne ? `${text}\n` : `${host} | ${text}\n`);
      },
      note: (line) => this.note(line),
    });
    // That of the reload, or of a command that somebody else has written.
    return code as ExitCode;
  }

  async #read({ file, environment }: DeployWords): Promise<DeploySection> {
    const { readDeploy } = await import('../../../config/deploy/read-deploy.ts');
    const { env, cwd, files } = this.context;
    const read = await readDeploy(file ?? '.', environment, {
      env: null,
      environment: env,
      jsEvaluatorPath: files.evaluate,
      readStdin: () => {
        throw new FailureError({
          code: 'USAGE',
          message: 'deploy reads no standard input',
          hint: 'name a file',
        });
      },
      cwd,
    });
    return unwrap(read);
  }

  #show(plan: {
    readonly target: DeployTarget;
    readonly action: Parameters<typeof deployScript>[0]['action'];
    readonly file: string;
    readonly env: string | null;
  }): void {
    const { target, action } = plan;
    const local = target.hooks['pre-deploy-local'];
    if (action.kind === 'update' && local !== null) this.print(`# here\n${local}\n\n`);
    const script = deployScript({ ...plan, mark: '#', shown: (name, value) => redactVariable(name, value) });
    for (const host of target.hosts) {
      const words = ['ssh', ...sshArguments(target, host)].map((word) =>
        /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`,
      );
      this.print(`# ${host}\n${words.join(' ')} <<'SCRIPT'\n${script}SCRIPT\n`);
    }
  }
}
