import { useEffect, useState } from 'preact/hooks';
import { type FilterText, parseWhole } from '../state/list-request.js';

interface Props {
  readonly filter: FilterText;
  /** Who may not see salaries may not filter by them, either. */
  readonly withSalary: boolean;
  readonly onChange: (filter: FilterText) => void;
  readonly onReload: () => void;
}

/** Nobody types a word in less; asking at every letter would only make the cluster work for nothing. */
const typingMs = 250;

const fields = [
  ['name', 'Name contains'],
  ['position', 'Position contains'],
  ['salaryFrom', 'Salary from'],
  ['salaryTo', 'to'],
] as const;

export function EmployeeFilterForm({ filter, withSalary, onChange, onReload }: Props) {
  const [typed, setTyped] = useState(filter);
  useEffect(() => setTyped(filter), [filter]);
  useEffect(() => {
    if (fields.every(([field]) => typed[field] === filter[field])) return undefined;
    const timer = window.setTimeout(() => onChange(typed), typingMs);
    return () => window.clearTimeout(timer);
  }, [typed]);
  return (
    <form
      class="filter"
      role="search"
      aria-label="Filter employees"
      onSubmit={(event) => {
        event.preventDefault();
        onChange(typed);
      }}
    >
      {fields.map(([field, word]) => {
        const isNumber = field.startsWith('salary');
        if (isNumber && !withSalary) return null;
        const isWrong = isNumber && typed[field] !== '' && parseWhole(typed[field]) === null;
        return (
          <label key={field} class={isNumber ? 'narrow' : ''}>
            <span>{word}</span>
            <input
              name={`filter-${field}`}
              type="search"
              inputMode={isNumber ? 'numeric' : 'text'}
              autocomplete="off"
              value={typed[field]}
              aria-invalid={isWrong}
              title={isWrong ? 'No whole number: it is left out' : undefined}
              onInput={({ currentTarget }) => setTyped({ ...typed, [field]: currentTarget.value })}
            />
          </label>
        );
      })}
      <button type="button" onClick={onReload}>
        Read again
      </button>
    </form>
  );
}
