import { useEffect, useReducer, useState } from 'preact/hooks';
import { watchCluster } from '../api/live.js';
import { initialLiveState, reduceLive } from '../state/live-state.js';
import { describeChange } from '../state/words.js';
import { EmployeesPanel } from './employees-panel.js';
import { Header } from './header.js';
import { LeadershipPanel } from './leadership-panel.js';
import { TopologyPanel } from './topology-panel.js';

/** The whole page: one state that events change, and panels that show it. */
export function App() {
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
