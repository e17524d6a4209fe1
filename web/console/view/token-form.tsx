import { useEffect, useRef, useState } from 'preact/hooks';
import { keepToken } from '../../token-store.js';
import { ApiError } from '../api/api-error.js';
import { tryToken } from '../api/ask.js';
import { parseToken } from '../state/token-text.js';
import { describeError } from '../state/words.js';

interface Props {
  /** The token that was good until now, or never; null when there was none. */
  readonly refused: string | null;
  /** What the gateway said of it. */
  readonly refusal: string;
}

/** Asks for a token, and again until the gateway takes it. What is wrong with one is told at the field. */
export function TokenForm({ refused, refusal }: Props) {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState(refused === null ? null : `${refusal}.`);
  const [isPending, setIsPending] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  // There is nothing else to do here.
  const focus = () => form.current?.querySelector('input')?.focus();
  useEffect(() => {
    document.title = 'Access token · Employee gateway';
    focus();
  }, []);

  async function submit(): Promise<void> {
    setIsPending(true);
    const token = parseToken(text);
    const wrong = token === null ? 'This is no token.' : await whatIsWrongWith(token);
    if (token !== null && wrong === null) return keepToken(token);
    setProblem(wrong);
    setIsPending(false);
    focus();
  }

  return (
    <>
      <header class="top">
        <h1>Employee gateway</h1>
      </header>
      <form
        ref={form}
        class="panel token"
        noValidate
        aria-labelledby="token-title"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isPending) void submit();
        }}
      >
        <h2 id="token-title">This gateway asks who you are</h2>
        <p class="quiet">The token is kept in this tab only, for GraphiQL, too, until it is closed.</p>
        <div class="field">
          <label for="token">Access token</label>
          <input
            id="token"
            type="password"
            value={text}
            autocomplete="off"
            required
            aria-invalid={problem !== null}
            aria-describedby={problem === null ? undefined : 'token-problem'}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
          {problem !== null && (
            <p class="field-problem" id="token-problem" role="alert">
              {problem}
            </p>
          )}
        </div>
        <button type="submit" class="primary" aria-disabled={isPending}>
          Use token
        </button>
      </form>
    </>
  );
}

/** In words for people; null when nothing is. */
async function whatIsWrongWith(token: string): Promise<string | null> {
  try {
    const refusal = await tryToken(token);
    return refusal === null ? null : `${refusal}.`;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return describeError(error);
  }
}
