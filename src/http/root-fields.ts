import { Kind, type DocumentNode, type FieldNode, type SelectionNode, type SelectionSetNode } from 'graphql';
import { fragmentsOf } from '../execution/collect-fields.js';

/** The fields of an operation itself, as execution collects them: each fragment once, and nothing that is skipped. */
export function* rootFieldsOf(
  selectionSet: SelectionSetNode,
  document: DocumentNode,
  isSkipped: (selection: SelectionNode) => boolean,
): Generator<FieldNode> {
  const fragments = fragmentsOf(document);
  const waiting: SelectionNode[] = [...selectionSet.selections];
  for (let selection = waiting.shift(); selection !== undefined; selection = waiting.shift()) {
    if (isSkipped(selection)) continue;
    if (selection.kind === Kind.FIELD) {
      yield selection;
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      waiting.unshift(...selection.selectionSet.selections);
    } else {
      const fragment = fragments.get(selection.name.value);
      fragments.delete(selection.name.value);
      if (fragment !== undefined) waiting.unshift(...fragment.selectionSet.selections);
    }
  }
}
