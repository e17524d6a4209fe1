import { useEffect, useState } from 'preact/hooks';
import { servedPages } from '../../own-page.js';
import { forgetToken } from '../../token-store.js';
import { formatUptime } from '../state/format.js';
import type { LiveState } from '../state/live-state.js';
import { detailsOf, standingOf } from '../state/words.js';
import { useNow } from './use-now.js';
import { useToken } from './use-token.js';

const pages = [
  ['GraphiQL', './graphiql'],
  ['Playground', './playground'],
  ['Schema', './schema.graphql'],
] as const;

/** How things stand in one sentence, and whether the page still hears of it. */
export function Header({ live }: { live: LiveState }) {
  const { tone, headline } = standingOf(live);
  useEffect(() => {
    document.title = `${headline} · Employee gateway`;
  }, [headline]);
  const isStale = live.link.phase === 'lost';
  return (
    <header class="top">
      <div class="bar">
        <h1>Employee gateway</h1>
        <nav aria-label="Other pages">
          {useServed().map(([name, href]) => (
            <a key={name} href={href}>
              {name}
            </a>
          ))}
        </nav>
        {useToken().token !== null && (
          <button type="button" class="small" onClick={forgetToken}>
            Forget token
          </button>
        )}
        <Link live={live} />
      </div>
      <div class={`standing ${isStale ? 'unknown' : tone}`} data-testid="standing">
        <p class="headline">
          <span class="lamp" aria-hidden="true" />
          {headline}
        </p>
        <p class="quiet">{detailsOfAll(live)}</p>
      </div>
      {live.link.phase === 'lost' && <Lost since={live.link.since} />}
    </header>
  );
}

/** All of them until it is known which are served: where a console is, the others mostly are. */
function useServed(): readonly (typeof pages)[number][] {
  const [served, setServed] = useState<ReadonlySet<string> | null>(null);
  useEffect(() => void servedPages().then(setServed), []);
  return served === null ? pages : pages.filter(([, href]) => served.has(href.slice(1)));
}

function detailsOfAll({ topology, isForbidden }: LiveState): string {
  if (topology !== null) return detailsOf(topology);
  return isForbidden ? 'It needs the permission cluster:read' : 'Asking the gateway';
}

function Link({ live: { link } }: { live: LiveState }) {
  const word = { connecting: 'Connecting', live: 'Live', lost: 'Connection lost' }[link.phase];
  return (
    <span class={`link ${link.phase}`} role="status" data-testid="link">
      {word}
    </span>
  );
}

function Lost({ since }: { since: number }) {
  const now = useNow(1_000);
  return (
    <p class="banner" data-testid="lost">
      <strong>The gateway does not answer.</strong> What you see is how things stood{' '}
      {formatUptime((now - since) / 1_000)} ago. Trying again by itself.
    </p>
  );
}
