import type { LinkState, StreamState, TopologyState } from '../api/operations.js';
import { stateOf } from '../state/drawing.js';
import { formatLag } from '../state/format.js';

/** Every stream in words: what the drawing shows, and why one is broken. */
export function StreamTable({ topology: { nodes } }: { topology: TopologyState }) {
  const rows = nodes.flatMap(({ name, replication }) => replication.map((link) => ({ name, link })));
  return (
    <details>
      <summary>Replication between each pair</summary>
      <div class="scroll">
        <table class="streams">
          <thead>
            <tr>
              <th scope="col">At node</th>
              <th scope="col">Peer</th>
              <th scope="col">Upstream: receives</th>
              <th scope="col">Downstream: sends</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, link }) => (
              <tr key={`${name} ${link.peer}`}>
                <th scope="row">{name}</th>
                <td>{link.peer}</td>
                <td>
                  <Stream stream={link.upstream} />
                </td>
                <td>
                  <Stream stream={link.downstream} />
                  <Why link={link} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function Stream({ stream }: { stream: StreamState | null }) {
  if (stream === null) return <>–</>;
  return (
    <span class={stateOf(stream)}>
      {stream.status}
      {stream.status === 'follow' && stream.lag !== null && `, lag ${formatLag(stream.lag)}`}
    </span>
  );
}

function Why({ link: { upstream, downstream } }: { link: LinkState }) {
  const message = upstream?.message ?? downstream?.message ?? null;
  return message === null ? null : <span class="quiet"> {message}</span>;
}
