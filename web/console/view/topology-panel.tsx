import { useState } from 'preact/hooks';
import { ApiError } from '../api/api-error.js';
import { ask } from '../api/ask.js';
import { actOnNode, type LocalAction } from '../api/local-nodes.js';
import { TransferLeadership } from '../api/operations.js';
import type { LiveState } from '../state/live-state.js';
import { describeError } from '../state/words.js';
import { NodeTable } from './node-table.js';
import { StreamTable } from './stream-table.js';
import { TopologyDrawing } from './topology-drawing.js';
import { useLocalNodes } from './use-local-nodes.js';

interface Props {
  readonly live: LiveState;
  readonly onNews: (news: string) => void;
}

const done: Readonly<Record<LocalAction, string>> = {
  kill: 'was killed',
  freeze: 'is frozen',
  thaw: 'goes on',
  restart: 'is started again',
};

/** The nodes and what flows between them, with what one can do to them. */
export function TopologyPanel({ live, onNews }: Props) {
  const { topology } = live;
  const [busy, setBusy] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [localNodes, setLocalNodes] = useLocalNodes(topology);

  async function attempt(name: string, work: () => Promise<string>): Promise<void> {
    setBusy(name);
    setProblem(null);
    try {
      onNews(await work());
    } catch (error) {
      setProblem(error instanceof ApiError ? describeError(error) : String(error).replace(/^Error: /, ''));
    } finally {
      setBusy(null);
    }
  }

  const handOver = (to: string) =>
    attempt(to, async () => {
      await ask(TransferLeadership, { to });
      return `Leadership was handed over to ${to}`;
    });
  const act = (name: string, action: LocalAction) =>
    attempt(name, async () => {
      setLocalNodes(await actOnNode(name, action));
      return `${name} ${done[action]}`;
    });

  return (
    <section class="panel topology" aria-labelledby="topology-title">
      <h2 id="topology-title" tabIndex={-1}>
        Topology
      </h2>
      {topology === null ? (
        live.isForbidden ? (
          <p class="quiet">You may not see the nodes.</p>
        ) : (
          <div class="placeholder drawing" aria-hidden="true" />
        )
      ) : (
        <>
          <TopologyDrawing topology={topology} leaderlessSince={live.leaderlessSince} />
          {problem !== null && (
            <p class="problem" role="alert">
              {problem}
            </p>
          )}
          <NodeTable
            topology={topology}
            localNodes={localNodes}
            busy={busy}
            onHandOver={(to) => void handOver(to)}
            onAct={(name, action) => void act(name, action)}
          />
          <StreamTable topology={topology} />
        </>
      )}
    </section>
  );
}
