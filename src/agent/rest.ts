/** What is compiled when the app is asked something, shares a socket, exits with output on its way, or loses its channel. */
export { countServed } from './figures/served.ts';
export { handOver } from './handover/handover.ts';
export { shareListening } from './listen/shared-listen.ts';
export { writeAll } from './output/write-all.ts';
export { answerer } from './requests/answerer.ts';
