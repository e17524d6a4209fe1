import { formatDuration } from '../state/format.js';
import type { LiveState } from '../state/live-state.js';
import { useNow } from './use-now.js';

/** Shorter than this is not worth a word. */
const patienceMs = 250;

/** Says that something waits, for what, and for how long; nothing in the first moment. */
export function Waiting({ since, live, what }: { since: number; live: LiveState; what: string }) {
  const elapsedMs = useNow(100) - since;
  if (elapsedMs < patienceMs) return null;
  return (
    <p class="waiting" role="status" data-testid="waiting">
      <span class="spinner" aria-hidden="true" />
      <span>{reasonOf(live, what)}</span>
      <span class="elapsed" aria-hidden="true">
        {formatDuration(elapsedMs)}
      </span>
    </p>
  );
}

function reasonOf({ link, topology }: LiveState, what: string): string {
  if (link.phase === 'lost') return `The gateway does not answer. ${what} is asked for again.`;
  if (topology !== null && topology.leader === null)
    return `Nobody leads. ${what} waits for the next leader.`;
  return `${what} is on its way …`;
}
