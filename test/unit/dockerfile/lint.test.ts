import { expect, test } from 'vitest'
import { lintDockerfile, type Rule, rules } from '../../../lib/dockerfile/index.ts'

const placed = (text: string) =>
  lintDockerfile(text).map(({ rule, offset }) => {
    const before = text.slice(0, offset)
    return `${before.split('\n').length}:${offset - before.lastIndexOf('\n')} ${rule}`
  })

const health = 'HEALTHCHECK CMD ["x"]'
/** An image that is well, around the lines in question, which begin on line 2. */
const image = (...lines: readonly string[]) => ['FROM a:1', ...lines, health, 'USER 1'].join('\n')

/** One bad Dockerfile a rule, and all that is to be found in it. */
const bad: Readonly<Record<Rule, readonly [text: string, ...found: string[]]>> = {
  DL1000: [image('RUNN x'), '2:1 DL1000'],
  DL3000: [image('WORKDIR srv'), '2:9 DL3000'],
  DL3002: [image('USER root:root', 'RUN x').replace('\nUSER 1', ''), '2:1 DL3002'],
  DL3004: [image('RUN a && sudo -u b c'), '2:10 DL3004'],
  DL3009: [
    image('RUN apt-get update \\', ' && apt-get install -y --no-install-recommends curl'),
    '2:5 DL3009',
  ],
  DL3011: [image('EXPOSE 80 65536/tcp'), '2:11 DL3011'],
  DL3012: [image(health), '3:1 DL3012'],
  DL3014: [image('RUN apt-get install --no-install-recommends curl'), '2:5 DL3014'],
  DL3015: [image('RUN x; \\', '  apt-get -qq install curl'), '3:3 DL3015'],
  DL3019: [image('RUN apk add curl'), '2:5 DL3019'],
  DL3020: [image('ADD x /y'), '2:1 DL3020'],
  DL3022: [image('COPY --from=biuld /x /x'), '2:13 DL3022'],
  DL3023: [image('COPY --from=0 /x /x'), '2:13 DL3023'],
  DL3024: [
    `FROM a:1 AS b\nFROM b AS c\n${image().replace('a:1', 'a:1 AS B')}\nCOPY --from=c /x /x`,
    '3:1 DL3024',
  ],
  DL3025: [image('CMD node server.js'), '2:1 DL3025'],
  DL3027: [image('RUN apt list'), '2:5 DL3027'],
  DL3042: [image('RUN python3 -m pip install x'), '2:5 DL3042'],
  DL3045: [image('COPY x y/'), '2:8 DL3045'],
  DL3057: ['FROM a:1\nUSER 1', '1:1 DL3057'],
  DL3059: [image('RUN a', '# why', 'RUN b'), '4:1 DL3059'],
  DL3061: [`RUN x\n${image()}`, '1:1 DL3061'],
  DL4000: [image('MAINTAINER me'), '2:1 DL4000'],
  DL4003: [image('CMD ["a"]', 'CMD ["b"]'), '3:1 DL4003'],
  DL4004: [image('ENTRYPOINT ["a"]', 'ENTRYPOINT ["b"]'), '3:1 DL4004'],
  DL4006: [image('RUN a || b; curl x | sh'), '2:20 DL4006'],
  SecretsUsedInArgOrEnv: [
    image('ARG NPM_TOKEN', 'ENV A=b DB_PASSWORD=$X'),
    '2:5 SecretsUsedInArgOrEnv',
    '3:9 SecretsUsedInArgOrEnv',
  ],
  UndefinedArgInFrom: [`ARG BASE=a:1\n${image().replace('a:1', '${BASSE}')}`, '2:6 UndefinedArgInFrom'],
  UndefinedStage: [
    `FROM a:1 AS build\nFROM biuld\n${health}\nUSER 1\nCOPY --from=build /x /x`,
    '2:6 UndefinedStage',
  ],
}

test.each(Object.entries(bad))('%s', (_, [text, ...found]) => {
  expect(placed(text)).toEqual(found)
})

test('each rule has its bad Dockerfile, and is told with what to write instead', () => {
  expect(Object.keys(bad).sort()).toEqual(Object.keys(rules).sort())
  for (const [text] of Object.values(bad))
    for (const { hint, message } of lintDockerfile(text))
      expect([message, hint]).toEqual([message, expect.stringMatching(/./)])
})

test.each([
  [
    'two stages, a script in a here-document, mounts',
    `ARG BASE=a:1
FROM \${BASE} AS build
WORKDIR /build
COPY . .
RUN apt-get update && apt-get install -y --no-install-recommends gcc
RUN --mount=type=cache,target=/root/.cache/pip pip install x
FROM build AS more
RUN --mount=type=bind,from=build,source=/x,target=/mnt a
RUN b
FROM \${BASE}
COPY --from=more /x /x
COPY --from=busybox:1.36 /bin/sh /sh
RUN <<EOF
set -euo pipefail
a | b
EOF
HEALTHCHECK NONE
USER 10001:10001
CMD ["a"]`,
  ],
  [
    'what a parent says holds for the child',
    `FROM a:1 AS run
${health}
WORKDIR /srv
FROM run AS dev
COPY x .
USER 1
FROM run
COPY y .
USER 2`,
  ],
  [
    'lists in a cache, or gone',
    image(
      'RUN --mount=type=cache,target=/var/lib/apt/ apt-get update',
      'RUN apt-get update && rm -rf /var/lib/apt/lists/*',
    ),
  ],
  ['words in quotes and comments are no commands', image('RUN echo \'a | b; sudo c\' "| apt x" # | sudo')],
  ['patterns of a case are no pipe', image('RUN case $x in a|b) c ;; esac')],
  ['a shell that fails for a pipe', image('SHELL ["/bin/bash", "-o", "pipefail", "-c"]', 'RUN a | b')],
  ['RUN without a shell', image('RUN ["sudo", "a | b"]')],
  [
    'ADD that unpacks or downloads',
    image('ADD a.tar.gz /x', 'ADD https://a.example/b /b', 'ADD git@a.example:b.git /b'),
  ],
  ['a stage of files alone', 'FROM a:1 AS build\nRUN x\nFROM scratch\nCOPY --from=build /x /'],
  ['names that only sound secret', image('ARG TOKEN_FILE', 'ENV PASSWORD_MIN_LENGTH=8')],
  ['variables that every build has', `FROM --platform=$BUILDPLATFORM ${image().slice(5)}`],
  ['JSON over several lines', image('CMD ["a", \\', '  "b"]')],
])('nothing in: %s', (_, text) => {
  expect(placed(text)).toEqual([])
})

test.each([
  [
    image('COPY --from=biuld /x /x').replace('FROM a:1', 'FROM a:1 AS build\nFROM build'),
    'did you mean `build`?',
  ],
  [image('HEALTCHECK NONE'), 'did you mean `HEALTHCHECK`?'],
  [
    `FROM late AS a\n${image().replace('a:1', 'b:1 AS late')}\nCOPY --from=a /x /x`,
    'a stage begins with what stands above it',
  ],
])('a near name is named: %#', (text, hint) => {
  expect(lintDockerfile(text).map((each) => each.hint)).toContain(hint)
})
