import { credentialsOf } from '../../credentials.js';
import { ownHeaders } from '../../own-page.js';
import { tokenState } from '../../token-store.js';

/** What `npm start` lets one do to the processes of its nodes. */
export type LocalAction = 'kill' | 'freeze' | 'thaw' | 'restart';

/** The process of a node, where the gateway was started together with the nodes. */
export interface LocalNode {
  readonly name: string;
  readonly state: 'running' | 'frozen' | 'ended';
}

const credentials = () => credentialsOf(tokenState().token);

const url = (path: string): URL => new URL(`./local/nodes${path}`, document.baseURI);

/** Where the gateway runs no nodes, the interface does not exist. It is not tried: a browser would log the 404. */
export async function hasLocalNodes(): Promise<boolean> {
  return (await ownHeaders())?.has('x-local-nodes') === true;
}

/** Null when there was no answer. */
export async function listLocalNodes(): Promise<readonly LocalNode[] | null> {
  const response = await fetch(url(''), { headers: credentials() }).catch(() => null);
  if (response === null || !response.ok) return null;
  const { nodes }: { nodes: readonly LocalNode[] } = await response.json();
  return nodes;
}

/** Resolves to how all processes are then. Rejects with an Error whose message is for people. */
export async function actOnNode(name: string, action: LocalAction): Promise<readonly LocalNode[]> {
  const response = await fetch(url(`/${encodeURIComponent(name)}/${action}`), {
    method: 'POST',
    headers: { 'x-local-control': '1', ...credentials() },
  }).catch(() => null);
  if (response === null) throw new Error('The gateway does not answer');
  const answer: { nodes?: readonly LocalNode[]; problem?: string } = await response.json();
  if (answer.nodes === undefined) throw new Error(answer.problem ?? 'It was refused');
  return answer.nodes;
}
