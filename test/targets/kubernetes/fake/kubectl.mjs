// A `kubectl proxy` with a cluster behind it that fits into a file: FAKE_CLUSTER. Enough of the API for what stateward asks:
// lists by labels, server-side apply with managers and dry runs, deletes, logs; and controllers that make pods at once.
// What an image is called decides what becomes of its pods: `*:crash`, `*:nopull`, `*:slow` (never ready), `*:late`.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const file = process.env.FAKE_CLUSTER;
const args = process.argv.slice(2);
const after = (flag) => args[args.indexOf(flag) + 1];
const read = () =>
  existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { objects: {}, managers: {}, mode: 'good', asked: [] };

const start = read();
if (start.mode === 'no-context') {
  process.stderr.write(`error: context "${after('--context')}" does not exist\n`);
  process.exit(1);
}

const LEAF = null;
const isMap = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
/** Leaves by their paths; lists whose elements have names are maps of these. */
function leaves(value, path = '') {
  if (Array.isArray(value) && value.length > 0 && value.every((item) => isMap(item) && 'name' in item))
    return Object.assign({}, ...value.map((item) => leaves(item, `${path}[name=${item.name}]`)));
  if (!isMap(value) || Object.keys(value).length === 0) return { [path]: value };
  return Object.assign({}, ...Object.keys(value).map((key) => leaves(value[key], `${path}.${key}`)));
}
function merge(one, other) {
  if (isMap(one) && isMap(other)) {
    const merged = { ...one };
    for (const key of Object.keys(other)) merged[key] = key in one ? merge(one[key], other[key]) : other[key];
    return merged;
  }
  if (Array.isArray(one) && Array.isArray(other) && other.every((item) => isMap(item) && 'name' in item)) {
    const rest = one.filter((item) => !other.some(({ name }) => name === item.name));
    return [...other.map((item) => merge(one.find(({ name }) => name === item.name) ?? {}, item)), ...rest];
  }
  return other;
}

const DEFAULTS = {
  deployments: { spec: { revisionHistoryLimit: 10, replicas: 1 } },
  services: { spec: { type: 'ClusterIP' } },
};
const KINDS = {
  deployments: 'Deployment',
  statefulsets: 'StatefulSet',
  services: 'Service',
  configmaps: 'ConfigMap',
  jobs: 'Job',
};

const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += chunk)).on('end', () => answer(request, response, body));
});
server.listen(after('--unix-socket'), () => console.log(`Starting to serve on ${after('--unix-socket')}`));
process.on('SIGTERM', () => process.exit(0));

function answer(request, response, body) {
  const state = read();
  const url = new URL(request.url, 'http://localhost');
  const send = (status, value) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(value));
  };
  const refuse = (code, message, details = {}) =>
    send(code, { kind: 'Status', status: 'Failure', code, message, details });
  if (state.mode === 'unreachable') {
    response.writeHead(502);
    return response.end('dial tcp 127.0.0.1:6443: connect: connection refused');
  }
  if (state.mode === 'silent') return undefined;
  if (url.pathname === '/version') return send(200, { major: '1', minor: '30' });
  if (url.pathname === '/apis') {
    const group = (name, ...versions) => ({ name, versions: versions.map((version) => ({ version })) });
    const groups = [
      group('apps', 'v1'),
      group('batch', 'v1'),
      group('policy', 'v1'),
      group('autoscaling', 'v2'),
    ];
    return send(200, { kind: 'APIGroupList', groups });
  }
  const [, namespace, plural, name, sub] =
    /\/namespaces\/([^/]+)\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
  if (state.mode === 'forbidden')
    return refuse(
      403,
      `${plural} is forbidden: User "ann" cannot list resource "${plural}" in the namespace "${namespace}"`,
    );
  if (state.mode === 'unauthorized') return refuse(401, 'Unauthorized');
  const key = `${plural}/${name}`;
  if (sub === 'log') {
    if (url.searchParams.get('container') === null)
      return refuse(400, `a container name must be specified for pod ${name}`);
    if (state.mode === 'no-node')
      return refuse(500, `Get "https://n1:10250/containerLogs/${name}": dial tcp: lookup n1: no such host`);
    if (state.mode === 'starting')
      return refuse(400, `container "api" in pod "${name}" is waiting to start: ContainerCreating`);
    response.writeHead(200);
    return response.end(
      `2026-01-01T00:00:00.000000001Z words of ${name}\n2026-01-01T00:00:01.000000002Z token=abcdefghijklmnop\n`,
    );
  }
  if (request.method === 'GET' && name === undefined) {
    const wanted = (url.searchParams.get('labelSelector') ?? '')
      .split(',')
      .filter(Boolean)
      .map((pair) => pair.split('='));
    const items = Object.entries(state.objects)
      .filter(([one]) => one.startsWith(`${plural}/`))
      .map(([, object]) => object)
      .filter((object) => wanted.every(([label, value]) => object.metadata.labels?.[label] === value));
    // Of a list, the list alone says what it is one of.
    const plain = items.map((item) => ({ ...item, apiVersion: undefined, kind: undefined }));
    const [, apiVersion] = /^\/apis?\/(.*)\/namespaces\//.exec(url.pathname) ?? [];
    return send(200, { kind: 'List', apiVersion, items: plain });
  }
  const object = state.objects[key];
  if (request.method === 'GET')
    return object ? send(200, object) : refuse(404, `${plural} "${name}" not found`);
  if (request.method === 'DELETE') {
    if (!object) return refuse(404, `${plural} "${name}" not found`);
    const gone = new Set([object.metadata.uid]);
    for (const [one, { metadata }] of Object.entries(state.objects))
      if (
        metadata.uid === object.metadata.uid ||
        (metadata.ownerReferences ?? []).some(({ uid }) => gone.has(uid))
      ) {
        gone.add(metadata.uid);
        delete state.objects[one];
      }
    state.asked.push(`delete ${key}`);
    writeFileSync(file, JSON.stringify(state));
    return send(200, { kind: 'Status', status: 'Success' });
  }
  if (state.mode === 'read-only')
    return refuse(403, `${plural} "${name}" is forbidden: User "ann" cannot patch resource`);
  if (state.mode === 'no-namespace')
    return refuse(404, `namespaces "${namespace}" not found`, { kind: 'namespaces' });
  return apply(state, { key, plural, name, namespace, url, given: JSON.parse(body), send, refuse });
}

function apply(state, { key, plural, name, namespace, url, given, send, refuse }) {
  const manager = url.searchParams.get('fieldManager');
  const force = url.searchParams.get('force') === 'true';
  const isDry = url.searchParams.get('dryRun') === 'All';
  const mine = leaves({
    ...given,
    apiVersion: LEAF,
    kind: LEAF,
    metadata: { ...given.metadata, name: LEAF, namespace: LEAF },
  });
  const managers = { ...state.managers[key] };
  const own = state.objects[key];
  if (own && Object.keys(managers).length === 0)
    managers.controller = {
      spec: own.spec,
      metadata: {
        labels: own.metadata.labels,
        annotations: own.metadata.annotations,
        ownerReferences: own.metadata.ownerReferences,
      },
    };
  const conflicts = Object.entries(managers)
    .filter(([other]) => other !== manager)
    .flatMap(([other, applied]) =>
      Object.entries(leaves(applied))
        .filter(([path, value]) => path in mine && JSON.stringify(mine[path]) !== JSON.stringify(value))
        .map(([field]) => ({
          field,
          reason: 'FieldManagerConflict',
          message: `conflict with "${other}" using apps/v1`,
        })),
    );
  if (conflicts.length > 0 && !force)
    return refuse(409, `Apply failed with ${conflicts.length} conflict`, { causes: conflicts });
  if (conflicts.length > 0)
    for (const other of Object.keys(managers)) if (other !== manager) delete managers[other];
  managers[manager] = {
    spec: given.spec,
    data: given.data,
    metadata: { labels: given.metadata.labels, annotations: given.metadata.annotations },
  };
  const before = state.objects[key];
  const made = Object.values(managers).reduce(merge, DEFAULTS[plural] ?? {});
  const wanted = JSON.parse(
    JSON.stringify({ ...made, apiVersion: given.apiVersion, kind: KINDS[plural] ?? given.kind }),
  );
  const isSame = before && JSON.stringify(wanted.spec) === JSON.stringify(before.spec);
  const meta = before?.metadata ?? {
    uid: randomUUID(),
    creationTimestamp: new Date().toISOString(),
    generation: 0,
  };
  const object = {
    ...wanted,
    status: before?.status,
    metadata: {
      ...wanted.metadata,
      ...{ name, namespace, uid: meta.uid, creationTimestamp: meta.creationTimestamp },
      generation: isSame ? meta.generation : meta.generation + 1,
      resourceVersion: String(Date.now()),
      managedFields: Object.keys(managers).map((one) => ({
        manager: one,
        operation: 'Apply',
        fieldsV1: one === 'autoscaler' ? { 'f:spec': { 'f:replicas': {} } } : {},
      })),
    },
  };
  if (isDry) return send(200, object);
  state.managers[key] = managers;
  state.objects[key] = object;
  state.asked.push(`apply ${key}`);
  if (plural === 'deployments') deploy(state, object);
  if (plural === 'jobs') object.status = { conditions: [{ type: 'Complete', status: 'True' }] };
  writeFileSync(file, JSON.stringify(state));
  return send(200, object);
}

/** What controllers, scheduler and nodes would do, all at once. */
function deploy(state, deployment) {
  const { spec, metadata } = deployment;
  const sets = Object.values(state.objects).filter(
    (one) => one.kind === 'ReplicaSet' && one.metadata.ownerReferences[0].uid === metadata.uid,
  );
  const hash = createHash('sha1').update(JSON.stringify(spec.template)).digest('hex').slice(0, 8);
  const last = Math.max(
    0,
    ...sets.map((one) => Number(one.metadata.annotations['deployment.kubernetes.io/revision'])),
  );
  const name = `${metadata.name}-${hash}`;
  const known = state.objects[`replicasets/${name}`];
  const isNewest = known?.metadata.annotations['deployment.kubernetes.io/revision'] === String(last);
  const revision = String(isNewest ? last : last + 1);
  const labels = { ...spec.template.metadata.labels, 'pod-template-hash': hash };
  const template = { ...spec.template, metadata: { ...spec.template.metadata, labels } };
  const uid = known?.metadata.uid ?? randomUUID();
  const owner = (kind, one) => [{ kind, uid: one }];
  state.objects[`replicasets/${name}`] = {
    kind: 'ReplicaSet',
    metadata: {
      name,
      uid,
      labels,
      annotations: { 'deployment.kubernetes.io/revision': revision },
      ownerReferences: owner('Deployment', metadata.uid),
    },
    spec: { template },
  };
  metadata.annotations = { ...metadata.annotations, 'deployment.kubernetes.io/revision': revision };
  const [, how = ''] = /:([^:/]*)$/.exec(spec.template.spec.containers[0].image) ?? [];
  const isGood = !['crash', 'nopull', 'slow', 'late'].includes(how);
  for (const key of Object.keys(state.objects)) {
    const isOld = key.startsWith(`pods/${metadata.name}-`) && !key.startsWith(`pods/${name}-`);
    if ((isGood && isOld) || key.startsWith(`pods/${name}-`)) delete state.objects[key];
  }
  const waiting = {
    crash: { reason: 'CrashLoopBackOff', message: 'back-off 10s' },
    nopull: { reason: 'ImagePullBackOff', message: 'Back-off pulling image' },
  }[how];
  for (let slot = 0; slot < (isGood ? spec.replicas : Math.min(1, spec.replicas)); slot += 1) {
    state.objects[`pods/${name}-${slot}`] = {
      kind: 'Pod',
      metadata: {
        name: `${name}-${slot}`,
        uid: randomUUID(),
        labels,
        creationTimestamp: new Date().toISOString(),
        ownerReferences: owner('ReplicaSet', uid),
      },
      status: {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: isGood ? 'True' : 'False' }],
        containerStatuses: [
          {
            restartCount: how === 'crash' ? 3 : 0,
            state: waiting ? { waiting } : { running: { startedAt: new Date().toISOString() } },
            lastState:
              how === 'crash' ? { terminated: { exitCode: 7, finishedAt: new Date().toISOString() } } : {},
          },
        ],
      },
    };
  }
  const { replicas } = spec;
  deployment.status = {
    observedGeneration: metadata.generation,
    replicas: isGood ? replicas : replicas + 1,
    updatedReplicas: isGood ? replicas : 1,
    availableReplicas: replicas,
    conditions: [
      {
        type: 'Progressing',
        status: how === 'late' ? 'False' : 'True',
        reason: how === 'late' ? 'ProgressDeadlineExceeded' : 'x',
      },
    ],
  };
}
