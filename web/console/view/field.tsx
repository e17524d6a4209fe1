interface Props {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly isNumber: boolean;
  /** What stands there while it is empty; null when it has to be filled in. */
  readonly placeholder: string | null;
  /** What is wrong with it; null while nothing is. */
  readonly problem: string | null;
  readonly onInput: (value: string) => void;
}

/** A labelled input with its error, which a screen reader reads together with it. */
export function Field({ name, label, value, isNumber, placeholder, problem, onInput }: Props) {
  const problemId = `${name}-problem`;
  return (
    <div class="field">
      <label for={`field-${name}`}>{label}</label>
      <input
        id={`field-${name}`}
        name={name}
        value={value}
        autocomplete="off"
        inputMode={isNumber ? 'numeric' : 'text'}
        placeholder={placeholder ?? undefined}
        required={placeholder === null}
        aria-invalid={problem !== null}
        aria-describedby={problem === null ? undefined : problemId}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
      {problem !== null && (
        <p class="field-problem" id={problemId} role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
