import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { bootPlan } from '../../../boot/boot-plan.ts';
import { detectInitSystem, INIT_SYSTEMS, type InitSystem } from '../../../boot/init-system.ts';
import { resolveService } from '../../../boot/resolve-service.ts';
import { runCommand } from '../../../boot/run-command.ts';
import type { BootPlan, BootService, Command } from '../../../boot/service.ts';
import { FailureError } from '../../../lib/failure.ts';
import { bootHost, bootLogin } from '../../session/boot-host.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import { BaseCommand } from './base-command.ts';

interface BootFlags {
  readonly user?: string | undefined;
  readonly system: boolean;
  readonly 'service-name'?: string | undefined;
}

export interface BootTarget {
  readonly service: BootService;
  readonly plan: BootPlan;
}

/** What `startup` and `unstartup` share: which service is meant, and how this host is told. */
export abstract class BootCommand extends BaseCommand {
  static override args = {
    init: Args.string({ description: `${INIT_SYSTEMS.join(', ')}; left out: what this host has.` }),
  };
  static override flags = {
    user: Flags.string({
      char: 'u',
      description: 'Start it with the host, as this user (takes root).',
      helpValue: 'NAME',
      exclusive: ['system'],
    }),
    system: Flags.boolean({ description: 'Start it with the host, as root (takes root).' }),
    'service-name': Flags.string({
      description: 'What the service is called; left out: made of the user and the home.',
      helpValue: 'NAME',
    }),
    print: Flags.boolean({ description: 'Change nothing; print what would be done.' }),
  };

  /** Its name, for the way out. */
  protected abstract readonly verb: 'startup' | 'unstartup';

  /** `home`: of `--home`, else the environment; undefined: the usual one of the user. */
  protected target(flags: BootFlags, init: string | undefined, home: string | undefined): BootTarget {
    const { user, system, 'service-name': name } = flags;
    const request = {
      verb: this.verb,
      system,
      ...(user !== undefined && { user }),
      ...(name !== undefined && { name }),
      ...(home !== undefined && { home }),
    };
    const service = unwrap(resolveService(request, bootHost(this.context)));
    return { service, plan: unwrap(bootPlan(service, this.#initSystem(init), bootLogin(this.context))) };
  }

  #initSystem(named: string | undefined): InitSystem {
    if (named !== undefined) {
      const known = INIT_SYSTEMS.find((init) => init === named.toLowerCase());
      if (known === undefined) {
        throw usageError(`unknown init system: ${named}`, `known are ${INIT_SYSTEMS.join(', ')}`);
      }
      return known;
    }
    const found = detectInitSystem();
    if (found !== null) return found;
    throw new FailureError({
      code: 'BOOT_FAILED',
      message: 'this host has none of the init systems that startup knows (systemd, OpenRC, launchd)',
      hint: 'in a container stateward daemon run is the process to start; startup systemd --print shows a unit',
    });
  }

  /** Runs a command of the init system, and says so. */
  protected readonly runShown = (command: Command): ReturnType<typeof runCommand> => {
    this.note(`$ ${command.join(' ')}`);
    return runCommand(command);
  };
}
