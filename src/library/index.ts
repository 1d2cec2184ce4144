/** What `import ... from 'stateward'` gives. */
export { connect } from './connect.ts';
export type { CallOptions, ConnectOptions, FollowOptions, Scale, Stateward, VerbResult } from './connect.ts';
export { loadEcosystem } from './ecosystem.ts';
export type { Ecosystem, LoadOptions } from './ecosystem.ts';
export { plan } from './applying.ts';
export type { Declaration, DeclareOptions, PlanOptions } from './applying.ts';
export { StatewardError } from './stateward-error.ts';
export type { Selection } from './selection.ts';
export type { WaitOptions } from './waiting.ts';
export type { App, AppStatus, InstanceStatus } from '../api/contract/wire/apps.ts';
export type { DaemonStatus } from '../api/contract/wire/daemon.ts';
export type { EventInfo } from '../api/contract/wire/events.ts';
export type { LogLine } from '../api/contract/wire/logs.ts';
export type { PlanDocument } from '../api/contract/wire/plan.ts';
export type { Change, PlanSummary } from '../plan/model/plan.ts';
export type { ErrorCode } from '../lib/error-codes.ts';
export type { Failure, SourcePosition } from '../lib/failure.ts';
export type { AppSpec, ProjectSpec } from '../spec/types.ts';
