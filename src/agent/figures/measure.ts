import { monitorEventLoopDelay, performance, type IntervalHistogram } from 'node:perf_hooks';
import type { Figures } from '../protocol.ts';
import { collections } from './collections.ts';
import { served } from './served.ts';

/** How often the loop is looked at: seldom enough to cost nothing, often enough to see what a person would notice. */
const RESOLUTION_MS = 50;
const NS_PER_MS = 1e6;

interface Measuring {
  readonly delay: IntervalHistogram;
  expiry: NodeJS.Timeout;
}

let measuring: Measuring | null = null;

/**
 * What was measured since the last time, and goes on to be measured for `forMs`. The first answer has nothing of how late
 * the event loop is yet.
 */
export function figuresFor(forMs: number): Figures {
  const delay = measuring === null ? null : lagOf(measuring.delay);
  keepMeasuring(forMs);
  const { active, idle } = performance.eventLoopUtilization();
  const { heapUsed, heapTotal } = process.memoryUsage();
  const counted = served();
  return {
    requests: counted?.requests ?? 0,
    eventLoopLagMs: delay?.mean ?? null,
    eventLoopLagMaxMs: delay?.max ?? null,
    loop: { activeSeconds: active / 1_000, idleSeconds: idle / 1_000 },
    heap: { usedBytes: heapUsed, totalBytes: heapTotal },
    gc: collections(),
    ...(counted !== null && { served: counted }),
  };
}

function keepMeasuring(forMs: number): void {
  if (measuring === null) {
    const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    delay.enable();
    measuring = { delay, expiry: expiryIn(forMs) };
    return;
  }
  clearTimeout(measuring.expiry);
  measuring.expiry = expiryIn(forMs);
}

/** It must not keep the app from ending. */
function expiryIn(ms: number): NodeJS.Timeout {
  return setTimeout(stop, ms).unref();
}

function stop(): void {
  measuring?.delay.disable();
  measuring = null;
}

/** How late the loop was: Node gives the time between two looks, which is at least what was asked for. */
function lagOf(delay: IntervalHistogram): { readonly mean: number; readonly max: number } | null {
  const { mean, max, count: looks } = delay;
  delay.reset();
  if (looks === 0) return null;
  return { mean: lag(mean), max: lag(max) };
}

function lag(ns: number): number {
  return Math.round(Math.max(0, ns / NS_PER_MS - RESOLUTION_MS) * 10) / 10;
}
