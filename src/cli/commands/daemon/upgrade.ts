import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { FailureError } from '../../../lib/failure.ts';
import { BUILD } from '../../../lib/programs/build.ts';
import type { DaemonStatus } from '../../../api/contract/wire/daemon.ts';
import type { DaemonUpgrade, ProgramUpgrade, RunnerUpgrade } from '../../../api/contract/wire/upgrade.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';
import { keepQuietOfOlder, openOffline } from '../../session/connect.ts';
import { unwrap } from '../../session/failures.ts';
import {
  replaceController,
  untilConnected,
  upgradeRunner,
  wrongProgram,
} from '../../session/upgrade-daemon.ts';
import { renderJson } from '../../views/json.ts';
import { programText } from '../../views/daemon/versions.ts';

/** `daemon upgrade`: runner and controller become those that are installed now; no app is touched. */
export default class DaemonUpgradeCommand extends BaseCommand {
  static override summary = 'Bring the running daemon to the installed version; no app is touched.';
  static override description =
    'To be run after the package was upgraded. The new runner is started beside the old one, which hands over to it ' +
    'processes, sockets, messages and logs, and goes on itself when the new one does not come up. Of processes that ' +
    'the old runner has started, the new one cannot know the exit codes: the system tells them to nobody else.';
  static override flags = {
    force: Flags.boolean({
      description:
        'Also when this build runs already. A runner that is too old to hand over is ended, and the new one ' +
        'takes over as after a crash.',
    }),
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(DaemonUpgradeCommand);
    const { home, context } = this;
    keepQuietOfOlder(context);
    const api = this.connect();
    const status = await api.status();
    if (!status.ok && status.error.code !== 'DAEMON_UNREACHABLE') throw new FailureError(status.error);
    const controller = status.ok ? status.value.controller : null;
    if (status.ok) await this.#assertReplaceable(status.value, flags.force);
    const upgrade = await upgradeRunner({ home, context }, flags.force);
    if (upgrade.kind === 'absent' && !status.ok) throw new FailureError(status.error);
    const runner = runnerOutcome(upgrade);
    const options = { home, context, api };
    if (controller !== null && runner !== null) await untilConnected(runner.after.pid, options);
    const result: DaemonUpgrade = {
      apiVersion: 'v1',
      kind: 'DaemonUpgrade',
      runner,
      controller:
        controller === null
          ? null
          : controller.build === BUILD && !flags.force
            ? { outcome: 'unchanged', before: controller, after: controller }
            : await replaceController(controller, options),
    };
    this.print(flags.output === 'json' ? renderJson(shown(result)) : renderUpgrade(result));
    if (isUnchanged(runner) && isUnchanged(result.controller))
      this.note('nothing to do: this build runs already');
    if (controller === null) this.note('no controller runs; stateward daemon start starts the installed one');
    return EXIT.OK;
  }

  /** Before anything is done: the installed controller loads, can read the state, and will be the one that is started. */
  async #assertReplaceable({ controller, unwritten }: DaemonStatus, force: boolean): Promise<void> {
    const { home, context } = this;
    if (controller === null) return;
    const wrong = wrongProgram(controller, { context });
    if (wrong !== null) throw new FailureError(wrong);
    const offline = await openOffline({ home, context });
    unwrap(await offline.status());
    if (unwritten === undefined || force) return;
    throw new FailureError({
      code: 'UPGRADE_FAILED',
      message:
        'the daemon holds changes that the disk has not taken, and would lose them; nothing was changed',
      hint: 'make room on the disk of the home; --force upgrades all the same',
    });
  }
}

/** Throws what went wrong; then all is as before. */
function runnerOutcome(upgrade: RunnerUpgrade): ProgramUpgrade | null {
  switch (upgrade.kind) {
    case 'absent':
      return null;
    case 'same':
      return { outcome: 'unchanged', before: upgrade.runner, after: upgrade.runner };
    case 'upgraded': {
      const { before, after, killed, processes, ms } = upgrade;
      return { outcome: killed ? 'killed' : 'replaced', before, after, processes, ms };
    }
    case 'unsupported':
      throw new FailureError({
        code: 'UPGRADE_FAILED',
        message: `the runner (${programText(upgrade.runner)}) is too old to hand over; nothing was changed`,
        hint:
          'stateward daemon upgrade --force ends it, and the new one takes over as after a crash: apps keep running and ' +
          'serving, exit codes of those that run now cannot be known later',
      });
    case 'failed':
      throw new FailureError(upgrade.failure);
  }
}

function isUnchanged(program: ProgramUpgrade | null): boolean {
  return program === null || program.outcome === 'unchanged';
}

/** Only what is promised of each. */
function shown(upgrade: DaemonUpgrade): DaemonUpgrade {
  const one = (program: ProgramUpgrade | null): ProgramUpgrade | null => {
    if (program === null) return null;
    const { before, after, ...rest } = program;
    return { ...rest, before: identity(before), after: identity(after) };
  };
  return { ...upgrade, runner: one(upgrade.runner), controller: one(upgrade.controller) };
}

function identity({ pid, version, build }: ProgramUpgrade['before']): ProgramUpgrade['before'] {
  return { pid, version, ...(build !== undefined && { build }) };
}

function renderUpgrade({ runner, controller }: DaemonUpgrade): string {
  return [line('runner', runner), line('controller', controller)].join('');
}

function line(name: string, program: ProgramUpgrade | null): string {
  const label = `${name}:`.padEnd(13);
  if (program === null) return `${label}not running\n`;
  const { outcome, before, after, processes, ms } = program;
  if (outcome === 'unchanged') return `${label}${programText(after)} (pid ${after.pid}), unchanged\n`;
  const took =
    processes === undefined ? '' : `, took over ${processes} process${processes === 1 ? '' : 'es'}`;
  const how = outcome === 'killed' ? ', as after a crash' : '';
  return `${label}${programText(before)} → ${programText(after)} (pid ${after.pid})${took}${how} in ${ms ?? 0} ms\n`;
}
