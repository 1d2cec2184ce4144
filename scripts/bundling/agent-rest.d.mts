import type { BuildOptions } from 'esbuild';

export declare function withRest(options: BuildOptions): Promise<Record<string, string>>;
