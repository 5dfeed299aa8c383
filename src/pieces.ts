/** The text in pieces of at most so many UTF-16 units, none of which ends inside a character; one, where it is short. */
export function* piecesOf(text: string, chars: number): Generator<string> {
  let at = 0;
  while (text.length - at > chars) {
    const last = text.charCodeAt(at + chars - 1);
    const end = at + chars - (last >= 0xd800 && last <= 0xdbff ? 1 : 0);
    yield text.slice(at, end);
    at = end;
  }
  yield text.slice(at);
}

/** The bytes in slices of at most this size. */
export function* slicesOf(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at === 0 || at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
