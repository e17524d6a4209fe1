import type { Change } from '../api/operations.js';
import { formatDuration, formatTime, splitDuration } from '../state/format.js';
import type { LiveState } from '../state/live-state.js';
import { lastPause, reignsOf, spanFor, stripOf } from '../state/reigns.js';
import { useNow } from './use-now.js';

/** How many changes are told in words. */
const listed = 8;

/** Who led when, and how long nobody did. */
export function LeadershipPanel({ live }: { live: LiveState }) {
  const { changes } = live;
  return (
    <section class="panel leadership" aria-labelledby="leadership-title">
      <h2 id="leadership-title">Leadership</h2>
      <Figure live={live} />
      {changes.length > 0 && <Strip changes={changes} />}
      <ol class="changes" aria-label="Changes of leadership, newest first">
        {changes
          .slice(-listed)
          .toReversed()
          .map((change) => (
            <Entry key={change.sequence} change={change} />
          ))}
      </ol>
      {changes.length === 0 && <p class="quiet">{whyNone(live)}</p>}
    </section>
  );
}

function whyNone({ isHistoryKnown, isForbidden }: LiveState): string {
  if (isForbidden) return 'You may not see who leads.';
  return isHistoryKnown ? 'This gateway has seen no change yet.' : 'Asking for what happened …';
}

function Figure({ live: { changes, leaderlessSince, isHistoryKnown, link } }: { live: LiveState }) {
  const isOpen = leaderlessSince !== null && link.phase === 'live';
  const now = useNow(isOpen ? 100 : null);
  const pause = lastPause(changes);
  if (isOpen) {
    const { figure, unit } = splitDuration(now - leaderlessSince);
    return <Large figure={figure} unit={unit} caption="Nobody leads. Requests wait." class="open" />;
  }
  if (pause === null) {
    return isHistoryKnown ? (
      <Large figure="None" unit="" caption="No pause since this gateway was started" />
    ) : (
      <Large figure="–" unit="" caption="Last pause" />
    );
  }
  const { figure, unit } = splitDuration(pause.ms);
  const between = pause.from === null ? `before ${pause.to}` : `between ${pause.from} and ${pause.to}`;
  return <Large figure={figure} unit={unit} caption={`Last pause: nobody led ${between}`} />;
}

function Large(props: { figure: string; unit: string; caption: string; class?: string }) {
  return (
    <p class={`figure ${props.class ?? ''}`} data-testid="pause">
      <span class="large">
        {props.figure}
        <small> {props.unit}</small>
      </span>
      <span class="quiet">{props.caption}</span>
    </p>
  );
}

function Strip({ changes }: { changes: readonly Change[] }) {
  const now = useNow(1_000);
  const reigns = reignsOf(changes);
  const spanMs = spanFor(reigns, now);
  const pieces = stripOf(reigns, now, spanMs);
  return (
    <div class="strip">
      <svg viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="Who led when: listed below">
        <rect class="ground" width="100" height="10" />
        {pieces
          .filter(({ leader }) => leader !== null)
          .map((piece) => (
            <g key={piece.from}>
              <rect class="led" x={piece.x} width={piece.width} height="10">
                <title>{`${piece.leader}, term ${piece.term}`}</title>
              </rect>
              <rect class="cut" x={piece.x} width="0.3" height="10" />
            </g>
          ))}
        {pieces
          .filter(({ leader }) => leader === null)
          .map((piece) => (
            <rect key={piece.from} class="vacant" x={piece.x} width={piece.width} height="10">
              <title>Nobody</title>
            </rect>
          ))}
      </svg>
      <p class="scale quiet" aria-hidden="true">
        <span>{formatDuration(spanMs)} ago</span>
        <span>now</span>
      </p>
    </div>
  );
}

function Entry({ change: { kind, leader, previousLeader, term, at, leaderlessMs } }: { change: Change }) {
  const time = <time dateTime={at}>{formatTime(Date.parse(at))}</time>;
  if (kind === 'LOST') {
    return (
      <li class="lost">
        {time}
        <span>
          <strong>{previousLeader?.name ?? 'The leader'}</strong> was lost
        </span>
        <span class="quiet">term {term}</span>
      </li>
    );
  }
  return (
    <li class="elected">
      {time}
      <span>
        <strong>{leader?.name ?? 'Somebody'}</strong> was elected
        {leaderlessMs !== null && <span class="quiet"> after {formatDuration(leaderlessMs)}</span>}
      </span>
      <span class="quiet">term {term}</span>
    </li>
  );
}
