/** What a person works in, from the smallest to the largest. */
const regions = 'tr, form, dialog, section';
const focusable = 'a[href], button, input, summary, [tabindex]';

/**
 * When what has the focus leaves the page (a row that was removed, a button that can do nothing any more), the focus goes to
 * the first thing in the smallest region around it that is still there: from the top of the page nobody finds back. It goes
 * before the new picture is shown, so that a key that is pressed then finds its place.
 */
export function keepFocus(root: HTMLElement): void {
  /** The element that has the focus, and what it is in. */
  let around: readonly Element[] = [];
  const note = ({ target }: FocusEvent) => {
    around = target instanceof Element ? ancestorsOf(target) : [];
  };
  // Who looks away by himself is not called back. What leaves the page may tell this, too, but is gone by then.
  const forget = () =>
    queueMicrotask(() => {
      if (around[0]?.isConnected === true && hasNobodyFocus()) around = [];
    });
  root.addEventListener('focusin', note);
  root.addEventListener('focusout', forget);
  new MutationObserver(() => {
    if (around[0] === undefined || around[0].isConnected || !hasNobodyFocus()) return;
    const heirs = around.filter((each) => each.isConnected && each.matches(regions));
    heirs
      .map((region) => region.querySelector<HTMLElement>(focusable))
      .find((heir) => heir !== null)
      ?.focus();
  }).observe(root, { childList: true, subtree: true });
}

const hasNobodyFocus = (): boolean =>
  document.activeElement === null || document.activeElement === document.body;

function ancestorsOf(element: Element): readonly Element[] {
  const found: Element[] = [];
  for (let each: Element | null = element; each !== null; each = each.parentElement) found.push(each);
  return found;
}
