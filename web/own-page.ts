let asked: Promise<Headers | null> | null = null;

/** What the gateway says of itself in the headers of this page; null when it does not answer. Asked once. */
export function ownHeaders(): Promise<Headers | null> {
  asked ??= fetch(location.href, { method: 'HEAD', cache: 'no-store' }).then(
    ({ headers }) => headers,
    () => null,
  );
  return asked;
}

/** The paths of the pages that this gateway serves; null when that is not known. */
export async function servedPages(): Promise<ReadonlySet<string> | null> {
  const paths = (await ownHeaders())?.get('x-pages');
  return paths == null ? null : new Set(paths.split(' '));
}
