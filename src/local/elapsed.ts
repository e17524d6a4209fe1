import { uptime } from 'node:os';
import { findNpm } from '../npm-parent.js';

/**
 * Seconds since the command was given: since npm was started, when it runs us, for the build that it does first is a
 * part of the wait.
 */
export function secondsSinceCommand(): number {
  const npm = findNpm();
  return npm === null ? performance.now() / 1000 : uptime() - npm.startedAt;
}
