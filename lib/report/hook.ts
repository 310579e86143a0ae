type Write = typeof process.stdout.write

/**
 * Lets whatever else the process writes on a stream pass through `around`, which makes room for it on the screen.
 * Gives the way to write past the hook, and the way back.
 */
export function hookWrites(
  stream: { write: Write },
  around: (write: () => boolean, text: string) => boolean,
): { write: (text: string) => void; unhook: () => void } {
  const original = stream.write
  const direct = original.bind(stream)
  const hooked = ((...args: Parameters<Write>) => {
    const [chunk] = args
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8')
    return around(() => direct(...args), text)
  }) as Write
  stream.write = hooked
  return {
    write: (text) => void direct(text),
    unhook: () => {
      if (stream.write === hooked) stream.write = original
    },
  }
}
