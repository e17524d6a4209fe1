import { useEffect, useReducer, useState } from 'preact/hooks';
import { watchCluster } from '../api/live.js';
import { initialLiveState, reduceLive } from '../state/live-state.js';
import { describeChange } from '../state/words.js';
import { EmployeesPanel } from './employees-panel.js';
import { Header } from './header.js';
import { LeadershipPanel } from './leadership-panel.js';
import { TokenForm } from './token-form.js';
import { TopologyPanel } from './topology-panel.js';
import { useToken } from './use-token.js';

/** The whole page, begun anew with every token: what one reader has seen is not for the next. */
export function App() {
  const { token, refusal } = useToken();
  return refusal === null ? <Console key={token} /> : <TokenForm refused={token} refusal={refusal} />;
}

/** One state that events change, and panels that show it. */
function Console() {
  const [live, tell] = useReducer(reduceLive, initialLiveState);
  const [news, setNews] = useState('');
  useEffect(() => watchCluster(tell), []);

  const lastChange = live.changes.at(-1);
  useEffect(() => {
    if (lastChange !== undefined) setNews(describeChange(lastChange));
  }, [lastChange?.sequence]);

  return (
    <>
      <a class="skip" href="#employees">
        Skip to the employees
      </a>
      <Header live={live} />
      <main>
        <TopologyPanel live={live} onNews={setNews} />
        <LeadershipPanel live={live} />
        <EmployeesPanel live={live} />
      </main>
      <p class="unseen" role="status" aria-live="polite">
        {news}
      </p>
    </>
  );
}
