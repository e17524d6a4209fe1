import { useEffect, useState } from 'preact/hooks';
import { onTokenChange, type TokenState, tokenState } from '../../token-store.js';

/** What this page shows of its reader to the gateway, and what the gateway says of it. */
export function useToken(): TokenState {
  const [state, setState] = useState(tokenState);
  useEffect(() => onTokenChange(() => setState(tokenState())), []);
  return state;
}
