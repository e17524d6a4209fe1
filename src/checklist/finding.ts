/** What was found out about one thing, and what to do about it; nothing when all is well. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'problem';
  readonly text: string;
  readonly mend: string | null;
}

export const ok = (text: string): Finding => ({ level: 'ok', text, mend: null });
export const warning = (text: string, mend: string): Finding => ({ level: 'warning', text, mend });
export const problem = (text: string, mend: string): Finding => ({ level: 'problem', text, mend });

/** A finding beside the item of a list that it belongs to. */
export interface ItemFinding extends Finding {
  readonly item: string;
}

/** One thing that is looked at, by its name in a list. `rule` says what must be true; the documentation has the same sentence. */
export interface Item<Facts> {
  readonly rule: string;
  readonly look: (facts: Facts) => Finding | readonly Finding[];
}

/** Looks at every item of a list, in its order. Some have more than one finding. */
export function lookAt<Facts>(
  items: Readonly<Record<string, Item<Facts>>>,
  facts: Facts,
): readonly ItemFinding[] {
  return Object.entries(items).flatMap(([item, { look }]) =>
    [look(facts)].flat().map((finding) => ({ item, ...finding })),
  );
}

export const count = (findings: readonly Finding[], level: Finding['level']): number =>
  findings.filter((finding) => finding.level === level).length;
