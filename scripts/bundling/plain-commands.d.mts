import type { Plugin } from 'esbuild';

export declare function plainReads(): Plugin;
export declare function plainVerbs(): Plugin;
