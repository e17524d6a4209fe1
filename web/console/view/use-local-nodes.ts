import { useEffect, useState } from 'preact/hooks';
import { type LocalNode, hasLocalNodes, listLocalNodes } from '../api/local-nodes.js';
import type { TopologyState } from '../api/operations.js';

/**
 * The processes of the nodes, where this gateway was started together with them, else null. Asked once whether there are
 * any; if so, they are listed whenever a node comes or goes, for somebody else may have ended it.
 */
export function useLocalNodes(topology: TopologyState | null) {
  const [nodes, setNodes] = useState<readonly LocalNode[] | null>(null);
  const [areThereAny, setAreThereAny] = useState(false);
  useEffect(() => void hasLocalNodes().then(setAreThereAny), []);
  const reach = topology?.nodes.map(({ name, reachable }) => `${name} ${reachable}`).join() ?? null;
  useEffect(() => {
    if (!areThereAny || reach === null) return;
    void listLocalNodes().then((found) => found !== null && setNodes(found));
  }, [areThereAny, reach]);
  return [nodes, setNodes] as const;
}
