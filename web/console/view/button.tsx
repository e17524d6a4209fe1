import type { ComponentChildren } from 'preact';

interface Props {
  readonly onPress: () => void;
  readonly children: ComponentChildren;
  readonly kind?: string;
  readonly isOff?: boolean;
}

/** A button that keeps the focus while it can do nothing: one that is `disabled` loses it, and its user the place. */
export function Button({ onPress, children, kind = '', isOff = false }: Props) {
  return (
    <button type="button" class={kind} aria-disabled={isOff} onClick={() => !isOff && onPress()}>
      {children}
    </button>
  );
}
