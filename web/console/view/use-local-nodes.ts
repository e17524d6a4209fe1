import { useEffect, useState } from 'preact/hooks';
import { type LocalNode, listLocalNodes } from '../api/local-nodes.js';
import type { TopologyState } from '../api/operations.js';

/**
 * The processes of the nodes, where this gateway was started together with them, else null. Asked once whether there are
 * any; if so, again whenever a node comes or goes, for somebody else may have ended it.
 */
export function useLocalNodes(topology: TopologyState | null) {
  const [nodes, setNodes] = useState<readonly LocalNode[] | null>(null);
  const [isAsked, setIsAsked] = useState(false);
  const reach = topology?.nodes.map(({ name, reachable }) => `${name} ${reachable}`).join() ?? null;
  useEffect(() => {
    if (reach === null || (isAsked && nodes === null)) return;
    setIsAsked(true);
    void listLocalNodes().then((found) => found !== null && setNodes(found));
  }, [reach]);
  return [nodes, setNodes] as const;
}
