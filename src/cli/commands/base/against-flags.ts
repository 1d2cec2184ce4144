import * as Flags from '@oclif/core/flags';

/** The host that a plan is about, where it is not this one. */
export const againstFlags = {
  against: Flags.string({
    description: 'Compare with a snapshot of a host (stateward snapshot) and not with this one.',
    helpValue: 'FILE',
  }),
  'verify-key': Flags.string({
    description: 'Public key that the snapshot has to be signed with (stateward snapshot --public-key).',
    helpValue: 'FILE',
    dependsOn: ['against'],
  }),
};

export interface AgainstFlags {
  readonly against: string | undefined;
  readonly 'verify-key': string | undefined;
}
