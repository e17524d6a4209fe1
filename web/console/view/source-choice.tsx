import type { NodeState } from '../api/operations.js';
import type { Source } from '../state/list-request.js';
import { roleOf } from '../state/words.js';

interface Props {
  readonly source: Source;
  readonly nodes: readonly NodeState[];
  readonly answeredBy: string | null;
  readonly onChange: (source: Source) => void;
}

const kinds = [
  ['LEADER', 'Leader', 'Every acknowledged write'],
  ['LINEARIZABLE', 'Linearizable', 'The same; a majority confirms the leader'],
  ['REPLICA', 'Replica', 'A healthy follower; your own writes included'],
] as const;

/** Who is to answer: radio buttons, so that arrow keys do what one expects. */
export function SourceChoice({ source, nodes, answeredBy, onChange }: Props) {
  const answering = nodes.find(({ name }) => name === answeredBy);
  return (
    <fieldset class="source">
      <legend>Read from</legend>
      <div class="choices">
        {kinds.map(([value, word, title]) => (
          <Choice
            key={value}
            word={word}
            title={title}
            chosen={source === value}
            onChoose={() => onChange(value)}
          />
        ))}
        {nodes.map((node) => (
          <Choice
            key={node.name}
            word={node.name}
            title={`Node ${node.name}, whatever its role: ${roleOf(node).toLowerCase()}`}
            chosen={typeof source === 'object' && source.node === node.name}
            onChoose={() => onChange({ node: node.name })}
          />
        ))}
      </div>
      <p class="quiet answered" role="status" data-testid="answered-by">
        {answeredBy !== null && (
          <>
            Answered by <strong>{answeredBy}</strong>
            {answering !== undefined &&
              `, ${answering.writable ? 'the leader' : roleOf(answering).toLowerCase()} now`}
          </>
        )}
      </p>
    </fieldset>
  );
}

function Choice(props: { word: string; title: string; chosen: boolean; onChoose: () => void }) {
  return (
    <label class="choice" title={props.title}>
      <input type="radio" name="source" checked={props.chosen} onChange={props.onChoose} />
      <span>{props.word}</span>
    </label>
  );
}
