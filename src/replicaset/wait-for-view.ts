import type { ReplicaSetObserver } from './replica-set.js';
import type { ReplicaSetView } from './view.js';

/** Resolves to the first view, now or later, that satisfies `condition`. Rejects with the signal's reason when it aborts. */
export async function waitForView(
  observer: ReplicaSetObserver,
  condition: (view: ReplicaSetView) => boolean,
  signal: AbortSignal,
): Promise<ReplicaSetView> {
  signal.throwIfAborted();
  if (condition(observer.view)) return observer.view;
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      unsubscribe();
      signal.removeEventListener('abort', abort);
      settle();
    };
    const abort = () => finish(() => reject(signal.reason));
    const unsubscribe = observer.onView((view) => {
      if (condition(view)) finish(() => resolve(view));
    });
    signal.addEventListener('abort', abort);
  });
}
