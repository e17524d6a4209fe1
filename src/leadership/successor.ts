import { BadInputError } from '../bad-input.js';
import type { Topology } from './topology.type.js';

/** @throws BadInputError unless a node has this name. */
export function checkSuccessor(to: string, { nodes }: Pick<Topology, 'nodes'>): void {
  const names = nodes.map(({ name }) => name);
  if (!names.includes(to)) throw new BadInputError('to', `must be one of ${names.join(', ')}`);
}
