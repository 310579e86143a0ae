import { expect, test } from 'vitest'
import { parseDockerfile } from '../../../lib/dockerfile/index.ts'

/** As "KEYWORD --flag=value … | arguments", with runs of blanks as one. */
const read = (text: string) =>
  parseDockerfile(text).map(({ keyword, flags, arguments: words }) =>
    [
      keyword,
      ...flags.map(({ name, value }) => `--${name}=${value}`),
      '|',
      words.replaceAll(/\s+/g, ' '),
    ].join(' '),
  )

test.each([
  ['instructions, however they are written', 'from a AS b\nRun x\n', ['FROM | a AS b', 'RUN | x']],
  ['comments and empty lines between', '# one\n\nFROM a\n  # two\nRUN x', ['FROM | a', 'RUN | x']],
  ['continued lines', 'RUN a \\\n  && b \\  \n  && c\nUSER 1', ['RUN | a && b && c', 'USER | 1']],
  [
    'comments and empty lines in what is continued',
    'RUN a \\\n# why\n\n  && b\nUSER 1',
    ['RUN | a && b', 'USER | 1'],
  ],
  ['flags', 'COPY --from=b --chmod=755 x y', ['COPY --from=b --chmod=755 | x y']],
  ['a flag without a value', 'COPY --link x y', ['COPY --link= | x y']],
  [
    'flags on lines of their own',
    'HEALTHCHECK --interval=2s \\\n --retries=3 \\\n CMD ["a"]',
    ['HEALTHCHECK --interval=2s --retries=3 | CMD ["a"]'],
  ],
  ['words that look like flags later', 'RUN npm ci --ignore-scripts', ['RUN | npm ci --ignore-scripts']],
  [
    'another escape character',
    '# escape=`\nFROM a\nRUN a `\n && b\\\nUSER 1',
    ['FROM | a', 'RUN | a && b\\', 'USER | 1'],
  ],
  [
    'a directive that is none, since a comment is above it',
    '# hello\n# escape=`\nRUN a `\nUSER 1',
    ['RUN | a `', 'USER | 1'],
  ],
  ['line ends of Windows', 'FROM a\r\nRUN b \\\r\n  && c\r\n', ['FROM | a', 'RUN | b && c']],
  ['a continued last line', 'RUN a \\', ['RUN | a']],
  ['nothing', '', []],
])('%s', (_, text, expected) => {
  expect(read(text)).toEqual(expected)
})

test('here-documents belong to their instruction, and hold no instructions', () => {
  const text = 'RUN <<EOF sh\nUSER root\nEOF\nCOPY <<-"A" <<B /x/\n\tone\n\tA\ntwo\nB\nUSER 1'
  const found = parseDockerfile(text)
  expect(found.map(({ keyword }) => keyword)).toEqual(['RUN', 'COPY', 'USER'])
  expect(found.map(({ heredocs }) => heredocs.map((each) => each.text))).toEqual([
    ['USER root\n'],
    ['\tone\n', 'two\n'],
    [],
  ])
  for (const { text: body, offset } of found.flatMap(({ heredocs }) => heredocs))
    expect(text.slice(offset, offset + body.length)).toBe(body)
})

test("what is the shell's own opens none", () => {
  expect(read('RUN cat <<< EOF; echo $((1 << 2))\nUSER 1')).toHaveLength(2)
})

test('what stands at an index of the arguments stands there in the file', () => {
  const text =
    '# first\nFROM a\nRUN --mount=type=cache,target=/x one \\\n  # between\n\n  && two \\\n  && three\n'
  const run = parseDockerfile(text)[1]
  if (run === undefined) throw new Error('no RUN')
  for (const word of ['one', '&& two', 'three']) {
    const at = run.argumentsOffset + run.arguments.indexOf(word)
    expect(text.slice(at, at + word.length)).toBe(word)
  }
  expect(run.arguments).not.toContain('between')
  expect(text.slice(run.flags[0]?.offset)).toMatch(/^--mount=type=cache/)
})
