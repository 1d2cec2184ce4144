import type { Plugin } from 'esbuild';

export declare const OCLIF: RegExp;
export declare function lazyRequires(filter: RegExp): Plugin;
