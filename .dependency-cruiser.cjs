/**
 * The import table of docs/architecture.md ("The house"). A room may import what its row names, itself, and nothing
 * else; external packages only where they are named. No cycles anywhere.
 */
const rooms = {
  lib: { rooms: [] },
  home: { rooms: ['lib'] },
  boot: { rooms: ['lib'] },
  spec: { rooms: ['lib'] },
  plan: { rooms: ['lib', 'spec'] },
  config: {
    rooms: [
      'lib',
      'home/settings/',
      'spec',
      'plan/model/reasons\\.ts$',
      'notify/model/',
      'sources/model/',
      'sources/(git/remote|git/refs/ref-name|webhook/listen-address)\\.ts$',
    ],
    packages: ['yaml', 'jsonc-parser', 'ajv', 'acorn', '@sveltejs/acorn-typescript'],
  },
  import: { rooms: ['lib', 'spec', 'config'], packages: ['yaml'] },
  targets: {
    rooms: [
      'lib',
      'spec',
      'plan/model/',
      'plan/guards/guard\\.ts$',
      'api/contract/wire/',
      'api/contract/shown-plan\\.ts$',
      'sources/processes/',
    ],
    packages: ['modern-tar', 'picomatch'],
  },
  code: { rooms: ['lib', 'spec', 'plan'], packages: ['picomatch'] },
  sources: { rooms: ['lib', 'home', 'spec', 'plan', 'config'], packages: ['semver'] },
  notify: {
    rooms: [
      ...['lib', 'plan', 'state/model/'],
      ...['sources/processes/', 'sources/releases/low-priority\\.ts$', 'sources/git/remote\\.ts$'],
    ],
    packages: ['nodemailer'],
  },
  state: { rooms: ['lib', 'spec', 'plan'] },
  runner: { rooms: ['lib', 'home', 'agent/protocol\\.ts$', 'holder/messages\\.ts$'] },
  holder: {
    rooms: ['agent/(protocol|parent-channel|handover/(come-back|reconnect))\\.ts$'],
  },
  agent: { rooms: [] },
  serve: { rooms: ['lib', 'spec'], packages: ['fresh', 'mime-types', 'negotiator', 'send'] },
  driver: { rooms: ['lib', 'spec', 'plan', 'runner'] },
  triggers: {
    rooms: ['lib', 'spec', 'plan', 'state', 'driver', 'reconcile', 'agent/protocol\\.ts$'],
    packages: ['chokidar', 'cron-parser', 'picomatch', 'pidusage'],
  },
  reconcile: { rooms: ['lib', 'spec', 'plan', 'state', 'driver'] },
  api: { rooms: ['lib', 'spec', 'plan', 'state', 'reconcile', 'notify/(model|render)/', 'sources/model/'] },
  web: { rooms: ['lib', 'home', 'api/contract/endpoints/access\\.ts$', 'api/server/'] },
  dashboard: {
    rooms: [
      ...[
        'lib',
        'spec',
        'plan/model/',
        'api/contract/wire/',
        'cli/views/text/(quantities|round-words)\\.ts$',
      ],
    ],
    packages: ['preact', '@preact/signals', 'uplot'],
  },
  controller: {
    rooms: [
      'lib',
      'home',
      'spec',
      'config',
      'plan',
      'code',
      'sources',
      'notify',
      'state',
      'runner',
      'driver',
      'triggers',
      'reconcile',
      'api',
      'web',
    ],
  },
  library: {
    rooms: ['lib', 'home', 'spec', 'plan', 'api', 'cli/(declare|session|wait)/'],
  },
  cli: {
    rooms: [
      'lib',
      'home',
      'boot',
      'spec',
      'config',
      'import',
      'targets',
      'plan',
      'api',
      'notify/model/',
      'sources/model/',
      'web',
    ],
    packages: ['@modelcontextprotocol/sdk', '@oclif/core', 'diff', 'yaml', 'zod'],
  },
};

/** A room by its name, or one file of it by a pattern. */
function roomPattern(name) {
  return name.includes('/') ? `^src/${name}` : `^src/${name}/`;
}

function roomRule([name, { rooms: others }]) {
  return {
    name: `room-${name}`,
    comment: `src/${name} imports only: ${[name, ...others].join(', ')}`,
    severity: 'error',
    from: { path: `^src/${name}/` },
    to: { path: '^src/', pathNot: [name, ...others].map(roomPattern) },
  };
}

function packageRule([name, { packages = [] }]) {
  return {
    name: `packages-${name}`,
    comment: `src/${name} uses ${packages.length === 0 ? 'no package' : packages.join(', ')}`,
    severity: 'error',
    from: { path: `^src/${name}/` },
    to: {
      path: 'node_modules/',
      ...(packages.length > 0 && { pathNot: packages.map((name) => `node_modules/${name}/`) }),
    },
  };
}

/** The storeys of the planner from the ground up: each imports only what is below it; files beside them import all. */
const STOREYS = ['model', 'slots', 'hooks', 'decide', 'explain'];

function storeyRule(name, at) {
  return {
    name: `storey-plan-${name}`,
    comment: `src/plan/${name} imports only: ${STOREYS.slice(0, at + 1).join(', ')}`,
    severity: 'error',
    from: { path: `^src/plan/${name}/` },
    to: { path: '^src/plan/', pathNot: STOREYS.slice(0, at + 1).map((storey) => `^src/plan/${storey}/`) },
  };
}

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...Object.entries(rooms).map(roomRule),
    ...Object.entries(rooms).map(packageRule),
    {
      name: 'plan-is-pure',
      comment: 'no node built-in in the planner, directly or through its imports of values',
      severity: 'error',
      from: { path: '^src/plan/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'driver-knows-only-the-protocol',
      comment: 'the driver talks to the runner over its protocol; it never runs its code',
      severity: 'error',
      from: { path: '^src/driver/' },
      to: { path: '^src/runner/', pathNot: '^src/runner/protocol/' },
    },
    {
      name: 'driver-is-chosen-in-one-place',
      comment: 'everybody else knows driver/driver.ts',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(driver/|controller/context/create-driver.ts$)' },
      to: { path: '^src/driver/[^/]+/' },
    },
    {
      name: 'driver-and-cli-know-only-plan-types',
      comment: 'the shapes of plans, and what is read off them (effective.ts), but no planning',
      severity: 'error',
      from: { path: '^src/(cli|driver)/' },
      to: { path: '^src/plan/', pathNot: '^src/plan/(model/|slots/effective.ts$)' },
    },
    {
      name: 'cli-uses-only-the-api-client',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: {
        path: '^src/api/',
        pathNot: '^src/api/(client|contract)/',
      },
    },
    {
      name: 'dashboard-runs-in-browsers',
      comment: 'of other rooms it has types, and values of what is pure',
      severity: 'error',
      from: { path: '^src/dashboard/' },
      to: {
        path: '^src/(api|plan|state|sources|spec|cli)/',
        pathNot: '^src/(spec/format-value\\.ts|cli/views/text/(quantities|round-words)\\.ts)$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'dashboard-has-no-node',
      severity: 'error',
      from: { path: '^src/dashboard/' },
      to: { dependencyTypes: ['core'] },
    },
    ...STOREYS.map(storeyRule),
    {
      name: 'desired-is-pure',
      comment: 'the reducer over facts: no node built-in',
      severity: 'error',
      from: { path: '^src/state/desired/' },
      to: { dependencyTypes: ['core'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node'],
    },
  },
};
