import type { Plugin } from 'esbuild';

export declare function plainReads(): Plugin;
