import type { CallName } from '../../src/api/contract/endpoints/backend.ts';

/** What is tried against a listener, whatever is behind it. */

/** Something that changes something. */
export const CHANGES = '/v1/freezes';
export const FREEZE = JSON.stringify({
  projects: null,
  reason: 'x',
  forMs: null,
  allow: [],
  by: 'mallory',
});

type Headers = Readonly<Record<string, string>>;

/** Names under which a page of another site can lead here (DNS rebinding). */
export const REBINDING = [
  'evil.example',
  'evil.example:80',
  '127.0.0.1.evil.example',
  'localhost.evil.example',
  'evil.example@127.0.0.1',
  '[::1',
] as const;

/** What browsers send with a request of a page that is not ours. */
export const FOREIGN: readonly (readonly [title: string, headers: Headers])[] = [
  ['the origin of another site', { origin: 'https://evil.example' }],
  ['another port of this host', { origin: 'http://127.0.0.1:1' }],
  ['an origin that is hidden', { origin: 'null' }],
  ['what the browser says is another site', { 'sec-fetch-site': 'cross-site' }],
  ['what the browser says is another port', { 'sec-fetch-site': 'same-site' }],
];

/** A cookie alone, as forms and pages of others have it sent. */
export const FORGED: readonly (readonly [title: string, headers: Headers])[] = [
  ['without the header', { 'x-stateward-csrf': '' }],
  ['with that of nobody', { 'x-stateward-csrf': 'x'.repeat(43) }],
  ['that does not say where it is from', { origin: '' }],
];

/** Paths that show values of secrets. */
export const SECRET_PATHS = [
  '/v1/apps?spec=full',
  '/v1/apps?spec=full&spec=none',
  '/v1/apps?watch=true&spec=full',
  '/v1/projects/shop/revisions/1',
  '/v1/snapshot',
] as const;

/** Paths beside the files of the dashboard. */
export const OUTSIDE = [
  '/../outside.js',
  '/assets/../../outside.js',
  '/%2e%2e/outside.js',
  '/..%2foutside.js',
  '/assets/%2e%2e%2f%2e%2e%2foutside.js',
  '//outside.js',
  '/assets/..\\..\\outside.js',
  '/.hidden.js',
  '/assets/\0.js',
] as const;

/** What no token opens. */
export const FOR_HOME: readonly CallName[] = [
  'launch',
  'stopDaemon',
  'declareSources',
  'declareReceivers',
  'removeReceiver',
  'tokens',
  'createToken',
  'deleteToken',
  'sessions',
  'deleteSession',
  'logIn',
];
