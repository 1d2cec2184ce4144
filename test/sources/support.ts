import { newRecord, type SourceRecord, type Version } from '../../src/sources/model/record.ts';
import type { SourceSpec } from '../../src/sources/model/source.ts';

export function followSpec(more: Partial<SourceSpec> = {}): SourceSpec {
  return {
    name: 'local',
    from: { kind: 'follow', file: '/srv/ecosystem.yaml' },
    environment: null,
    pollMs: 1_000,
    sync: 'auto',
    prune: true,
    onFailure: 'app',
    windows: [],
    hosts: null,
    ...more,
  };
}

export function recordOf(more: Partial<SourceRecord> = {}, spec: Partial<SourceSpec> = {}): SourceRecord {
  return { ...newRecord(followSpec(spec), { by: 'max', at: 0, command: 'source apply' }), ...more };
}

export function version(id: string, at = 0): Version {
  return { id, at };
}
