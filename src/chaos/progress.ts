import { nameOf } from './figures.js';
import { measurePauses } from './pauses.js';
import type { Progress } from './run-chaos.js';

/** How a run stands, in one line. */
export function describeProgress(progress: Progress | null): string {
  if (progress === null) return 'Starting three nodes and a gateway';
  const { leftMs, faults, operations, acknowledgedAt, leader, term } = progress;
  if (leftMs === 0) return `Mending and checking: ${faults.length} faults, ${operations} operations`;
  const [last] = measurePauses(faults.slice(-1), acknowledgedAt, performance.now());
  return [
    `${formatLeft(leftMs)} left`,
    `${faults.length} faults`,
    `${operations} operations`,
    leader === null ? `nobody leads, term ${term}` : `${leader} leads term ${term}`,
    ...(last === undefined ? [] : [`${nameOf(last.fault)}: ${Math.round(last.pauseMs)} ms`]),
  ].join(', ');
}

function formatLeft(leftMs: number): string {
  const seconds = Math.ceil(leftMs / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
