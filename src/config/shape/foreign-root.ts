type Plain = Readonly<Record<string, unknown>>;

/** A file of another tool, known by what it says: what it is, and how to go on. */
export interface ForeignRoot {
  readonly what: string;
  readonly hint: string;
}

const IN_FILE = 'write what runs on this host as apps into ecosystem.yaml';

/** What a map without apps is; null when that is not known. */
export function foreignMap(value: Plain, file: string): ForeignRoot | null {
  const { kind, apiVersion, formatVersion, services, processes } = value;
  if (kind === 'Plan' && formatVersion !== undefined) {
    return { what: 'a saved plan', hint: `it is applied without -f: stateward apply ${file}` };
  }
  if (kind === 'AppList') {
    const hint = '`stateward get -o yaml` prints a file that can be applied';
    return { what: 'what `stateward get -o json` prints', hint };
  }
  if (typeof apiVersion === 'string' && typeof kind === 'string') {
    return { what: 'a manifest of Kubernetes', hint: `kubectl apply -f ${file}, or ${IN_FILE}` };
  }
  if (isMap(services))
    return { what: 'a Compose file, which declares containers', hint: `stateward import compose ${file}` };
  if (isMap(processes))
    return { what: 'a file of process-compose', hint: `stateward import process-compose ${file}` };
  if (isMap(value['scripts']) && typeof value['name'] === 'string') {
    return { what: 'the file of an npm package', hint: `${IN_FILE}: \`script: npm run start\`` };
  }
  return null;
}

/** The same for a list. */
export function foreignList(value: readonly unknown[]): ForeignRoot | null {
  const isDump = value.some((item) => isMap(item) && ('pm2_env' in item || 'pm_exec_path' in item));
  if (!isDump) return null;
  const hint = 'stateward import pm2 FILE makes an ecosystem file of it';
  return { what: "PM2's list of its processes", hint };
}

function isMap(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
