import { randomInt } from 'node:crypto';
import { probePort } from '../local/ports.js';

/**
 * Ports of 127.0.0.1 that nobody listens on, below the range from which Linux takes the ports of outgoing connections:
 * else one of those could sit on the port of a node that is down, even a connection of a port to itself.
 */
export async function findFreePorts(count: number): Promise<readonly number[]> {
  const free = new Set<number>();
  while (free.size < count) {
    const port = randomInt(20_000, 32_000);
    if ((await probePort({ host: '127.0.0.1', port })).kind === 'free') free.add(port);
  }
  return [...free];
}
