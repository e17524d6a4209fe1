import { mutate } from '../api/mutate.js';
import { type EmployeeRow, RemoveEmployee } from '../api/operations.js';
import type { LiveState } from '../state/live-state.js';
import { describeError } from '../state/words.js';
import { Dialog } from './dialog.js';
import { useMutation } from './use-mutation.js';
import { Waiting } from './waiting.js';

interface Written {
  readonly bookmark: string;
}

interface Props {
  readonly employee: EmployeeRow;
  readonly live: LiveState;
  readonly onDone: (news: string, written: Written) => void;
  readonly onClose: (sent: 'nothing-sent' | 'still-pending') => void;
}

export function RemoveDialog({ employee: { id, name, position }, live, onDone, onClose }: Props) {
  const { state, submit } = useMutation<Written>();
  const isPending = state.phase === 'pending';
  const close = () => onClose(isPending ? 'still-pending' : 'nothing-sent');

  async function remove(): Promise<void> {
    const written = await submit(id, async (idempotencyKey, signal) => {
      const input = { id, idempotencyKey };
      return (await mutate(RemoveEmployee, { input }, signal)).removeEmployee;
    });
    if (written !== null) onDone(`${name} was removed`, written);
  }

  return (
    <Dialog title={`Remove ${name}?`} onClose={close}>
      <p>
        {name}, {position}, employee {id}, is removed from all nodes.
      </p>
      {state.phase === 'failed' && (
        <p class="problem" role="alert">
          {describeError(state.error)}
        </p>
      )}
      {isPending && <Waiting since={state.since} live={live} what="Your change" />}
      <div class="buttons">
        <button type="button" onClick={close}>
          {isPending ? 'Stop waiting' : 'Cancel'}
        </button>
        <button
          type="button"
          class="primary danger"
          aria-disabled={isPending}
          onClick={() => !isPending && void remove()}
        >
          {state.phase === 'failed' && state.error.retryable ? 'Try again' : 'Remove'}
        </button>
      </div>
    </Dialog>
  );
}
