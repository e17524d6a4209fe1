/** The one token of all pages of this gateway, in this tab of the browser. It ends with the tab. */
const key = 'employee-gateway.token';

export interface TokenState {
  /** Without `Bearer`; null while there is none. */
  readonly token: string | null;
  /** Why the gateway refused it, or asked for one; null while it has not. */
  readonly refusal: string | null;
}

let state: TokenState = { token: stored(), refusal: null };
const listeners = new Set<() => void>();

/** The same object until something changes. */
export const tokenState = (): TokenState => state;

/** Returns the way to stop. */
export function onTokenChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function keepToken(token: string): void {
  store(token);
  become({ token, refusal: null });
}

export function forgetToken(): void {
  store(null);
  become({ token: null, refusal: null });
}

/** What the gateway has said of a token that was sent, or of none; of an earlier one it counts no more. */
export function refuseToken(sent: string | null, refusal: string): void {
  if (sent !== state.token || state.refusal !== null) return;
  store(null);
  become({ token: sent, refusal });
}

function become(next: TokenState): void {
  state = next;
  for (const listener of listeners) listener();
}

// A browser may be told to store nothing: then the token lasts as long as the page.

function stored(): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

function store(token: string | null): void {
  try {
    if (token === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, token);
  } catch {
    // See above.
  }
}
