import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { globsExpression, meant } from '../../../lib/resource/glob.ts'
import { Conflict, localTree, syncDirectory } from '../../../lib/resource/index.ts'
import { treeWork } from '../../../lib/resource/sync-plan.ts'
import type { Listed, Wanted } from '../../../lib/resource/tree-listing.ts'
import { sh } from '../../../lib/script/index.ts'
import { apply, converge, look } from '../../lab/converge.ts'
import { inWords, me, onThisMachine } from '../../unit/resource/observe.ts'

describe('two trees become work', () => {
  const wantedFile = (sha256 = 'a'): Wanted => ({
    type: 'file',
    executable: false,
    size: 1,
    sha256,
    mode: 0o644,
  })
  const wantedFolder: Wanted = { type: 'directory', mode: 0o755 }
  const wantedLink = (target: string): Wanted => ({ type: 'link', target, mode: 0o777 })
  const is = (type: Listed['type'], more: Partial<Listed> = {}): Listed => ({
    type,
    owned: true,
    owner: '=',
    mode: type === 'directory' ? 0o755 : 0o644,
    size: 1,
    target: '',
    sha256: type === 'file' ? 'a' : '',
    ...more,
  })
  const work = (
    wanted: Record<string, Wanted>,
    there: Record<string, Listed>,
    options: { delete?: boolean; kept?: string[] } = {},
  ) => {
    const all = treeWork('/srv', new Map(Object.entries(wanted)), new Map(Object.entries(there)), {
      delete: options.delete ?? false,
      kept: options.kept ?? [],
    })
    return Object.fromEntries(Object.entries(all).filter(([, list]) => list.length > 0))
  }

  test.each([
    ['all is there', { a: wantedFile() }, { a: is('file') }, {}, {}],
    ['nothing is there', { d: wantedFolder, 'd/a': wantedFile() }, {}, {}, { make: ['d'], send: ['d/a'] }],
    ['content differs', { a: wantedFile('b') }, { a: is('file', { mode: 0o600 }) }, {}, { send: ['a'] }],
    ['a mode differs', { a: wantedFile() }, { a: is('file', { mode: 0o600 }) }, {}, { mode: ['a'] }],
    [
      'an owner differs',
      { d: wantedFolder },
      { d: is('directory', { owned: false }) },
      {},
      { own: ['d'], mode: ['d'] },
    ],
    [
      'a link leads elsewhere',
      { l: wantedLink('x') },
      { l: is('link', { target: 'y' }) },
      {},
      { send: ['l'] },
    ],
    [
      'a link has another owner',
      { l: wantedLink('x') },
      { l: is('link', { target: 'x', owned: false }) },
      {},
      { own: ['l'] },
    ],
    ['a link stands for a file', { a: wantedFile() }, { a: is('link') }, {}, { send: ['a'] }],
    ['more is there', {}, { a: is('file') }, {}, {}],
    [
      'more is there and shall not',
      {},
      { d: is('directory'), 'd/a': is('file') },
      { delete: true },
      { remove: ['d', 'd/a'] },
    ],
    [
      'a folder holds what is excluded',
      {},
      { d: is('directory'), 'd/a': is('file') },
      { delete: true, kept: ['d/log'] },
      { remove: ['d/a'] },
    ],
    [
      'a folder stands for a file',
      { a: wantedFile() },
      { a: is('directory'), 'a/b': is('file'), ab: is('file') },
      { delete: true },
      { clear: ['a', 'a/b'], send: ['a'], remove: ['ab'] },
    ],
    [
      'a link stands for a folder',
      { d: wantedFolder, 'd/a': wantedFile() },
      { d: is('link', { target: '/etc' }) },
      { delete: true },
      { clear: ['d'], make: ['d'], send: ['d/a'] },
    ],
  ] as const)('%s', (_, wanted, there, options, expected) => {
    expect(work(wanted, there, options as { delete?: boolean; kept?: string[] })).toEqual(expected)
  })

  test('what may not be deleted and is in the way is a conflict', () => {
    expect(() => work({ a: wantedFile() }, { a: is('directory') })).toThrow(
      'a directory stands at /srv/a, where a file should be',
    )
    expect(() => work({ d: wantedFolder }, { d: is('link') })).toThrow(Conflict)
    const excluded = { delete: true, kept: ['a/log'] }
    expect(() => work({ a: wantedFile() }, { a: is('directory') }, excluded)).toThrow(Conflict)
  })
})

describe('a glob to exclude', () => {
  const paths = ['a', 'a/b', 'a/b/c.map', 'c.map', 'c.mapx', 'x/a', 'ä', 'x/äö', 'a+b', 'a/deep/er/c.map']
  const rows: [string[], string[]][] = [
    [[], []],
    [['a'], ['a', 'x/a']],
    [['/a'], ['a']],
    [['a/'], ['a', 'x/a']],
    [['*.map'], ['a/b/c.map', 'c.map', 'a/deep/er/c.map']],
    [['a/*'], ['a/b']],
    [['a/**'], ['a/b', 'a/b/c.map', 'a/deep/er/c.map']],
    [['a/**/c.map'], ['a/b/c.map', 'a/deep/er/c.map']],
    [['c.map?'], ['c.mapx']],
    [['ä*'], ['ä', 'x/äö']],
    [
      ['a+b', 'x/*'],
      ['x/a', 'x/äö', 'a+b'],
    ],
  ]
  const latin1 = (text: string) => Buffer.from(text).toString('latin1')

  test.each(rows)('%j', (globs, expected) => {
    expect(paths.filter((path) => meant(globsExpression(globs))(latin1(path)))).toEqual(expected)
  })

  test.each(['', '/', '../a', 'a/../b', './a', '[ab]', '{a,b}', '!a', 'a\\b'])('%j is refused', (glob) => {
    expect(() => globsExpression([glob])).toThrow('a glob to exclude knows')
  })
})

describe('on this machine', { timeout: 60_000 }, () => {
  const machine = onThisMachine()
  const held: { from?: string } = {}
  const from = () => {
    if (held.from === undefined) throw new Error('not before beforeAll')
    return held.from
  }
  beforeAll(async () => {
    held.from = await mkdtemp(join(tmpdir(), 'quayside-sync-'))
  })
  afterAll(() => rm(from(), { recursive: true }))
  beforeEach(async () => {
    // Not rmSync: Node 24.9's leaves a link that leads nowhere.
    for (const folder of [from(), machine.folder]) {
      for (const name of readdirSync(folder)) await rm(join(folder, name), { recursive: true })
    }
  })

  const put = (path: string, content: string | Uint8Array) => {
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, content)
  }
  const target = () => `${machine.folder}/it's the target`
  const wish = (
    options: { delete?: boolean; exclude?: string[]; directoryMode?: number; fileMode?: number } = {},
  ) => syncDirectory(target(), { from: from(), ...me, ...options })

  /** Every path below a folder with what it is: content, target, mode. */
  const snapshot = (folder: string): Record<string, string> =>
    Object.fromEntries(
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .sort()
        .map((name) => {
          const path = join(folder, name)
          const stat = lstatSync(path)
          const mode = (stat.mode & 0o7777).toString(8)
          if (stat.isSymbolicLink()) return [name, `-> ${readlinkSync(path)}`]
          return [name, stat.isDirectory() ? `d ${mode}` : `f ${mode} ${readFileSync(path, 'latin1')}`]
        }),
    )

  test('a tree arrives with its names, contents, links and modes, and is mended after a drift', async () => {
    const long = 'n'.repeat(120)
    put(`${from()}/index.html`, '<p>hi</p>\n')
    put(
      `${from()}/a b/it's\n-odd "ü" $x`,
      Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7) % 256),
    )
    put(`${from()}/${long}/${long}/deep`, 'deep')
    put(`${from()}/bin/run`, '#!/bin/sh\n')
    put(`${from()}/-dash`, '')
    chmodSync(`${from()}/bin/run`, 0o700)
    chmodSync(`${from()}/index.html`, 0o600)
    mkdirSync(`${from()}/empty`)
    symlinkSync('../index.html', `${from()}/bin/link`)
    symlinkSync(`/${'t'.repeat(150)}`, `${from()}/long link`)

    const first = await converge(machine.shell, wish())
    expect(first.summary).toBe('create, add 12 (68.4 KiB to send)')
    expect(first.diff?.split('\n').slice(0, 2)).toEqual(['+-dash', '+a b/'])
    expect(first.diff).toContain(String.raw`+"a b/it's\n-odd \"ü\" $x"`)
    const arrived = snapshot(target())
    expect(arrived['index.html']).toBe('f 644 <p>hi</p>\n')
    expect(arrived['bin/run']).toBe('f 755 #!/bin/sh\n')
    expect(arrived.empty).toBe('d 755')
    expect(arrived['bin/link']).toBe('-> ../index.html')
    expect(arrived['long link']).toBe(`-> /${'t'.repeat(150)}`)
    expect(Object.keys(arrived)).toEqual(Object.keys(snapshot(from())))
    expect(readFileSync(`${target()}/a b/it's\n-odd "ü" $x`)).toEqual(
      readFileSync(`${from()}/a b/it's\n-odd "ü" $x`),
    )
    expect((statSync(target()).mode & 0o777).toString(8)).toBe('755')

    writeFileSync(`${target()}/index.html`, 'defaced\n')
    chmodSync(`${target()}/bin/run`, 0o644)
    chmodSync(`${target()}/empty`, 0o777)
    unlinkSync(`${target()}/long link`)
    unlinkSync(`${target()}/bin/link`)
    symlinkSync('/etc/passwd', `${target()}/bin/link`)
    const mended = await converge(machine.shell, wish())
    expect(mended.summary).toBe('add 1, change 2, mode or owner of 2 (10 bytes to send)')
    expect(mended.diff).toBe(
      [
        '-bin/link -> /etc/passwd',
        '+bin/link -> ../index.html',
        '-bin/run (0644)',
        '+bin/run (0755)',
        '-empty/ (0777)',
        '+empty/ (0755)',
        '-index.html (8 bytes)',
        '+index.html (10 bytes)',
        `+long link -> /${'t'.repeat(150)}`,
      ].join('\n'),
    )
    expect(snapshot(target())).toEqual(arrived)
  })

  test('what is more on the host stays, or goes with delete, and what is excluded is left alone on both sides', async () => {
    put(`${from()}/a`, 'a')
    put(`${from()}/node_modules/x/y`, 'here')
    await converge(machine.shell, wish({ exclude: ['node_modules', '*.log'] }))
    expect(Object.keys(snapshot(target()))).toEqual(['a'])

    put(`${target()}/gone/b/c`, 'c')
    put(`${target()}/kept/d.log`, 'log')
    put(`${target()}/kept/e`, 'e')
    put(`${target()}/node_modules/x/z`, 'there')
    writeFileSync(`${machine.folder}/outside`, 'outside')
    symlinkSync('../outside', `${target()}/link`)
    expect(await look(machine.shell, wish({ exclude: ['node_modules', '*.log'] }))).toEqual({
      kind: 'unchanged',
    })

    const removed = await converge(machine.shell, wish({ delete: true, exclude: ['node_modules', '*.log'] }))
    expect(removed.summary).toBe('remove 5')
    expect(removed.diff).toBe('-gone/\n-gone/b/\n-gone/b/c\n-kept/e\n-link -> ../outside')
    expect(Object.keys(snapshot(target()))).toEqual([
      'a',
      'kept',
      'kept/d.log',
      'node_modules',
      'node_modules/x',
      'node_modules/x/z',
    ])
    expect(readFileSync(`${machine.folder}/outside`, 'utf8')).toBe('outside')
    expect((await converge(machine.shell, wish({ delete: true }))).summary).toBe(
      'add 1, remove 3 (4 bytes to send)',
    )
    expect(Object.keys(snapshot(target()))).toEqual([
      'a',
      'node_modules',
      'node_modules/x',
      'node_modules/x/y',
    ])
  })

  test('a folder for a file, and a link to the outside for a folder, are in the way', async () => {
    put(`${from()}/d/a`, 'new')
    put(`${from()}/f`, 'file')
    put(`${machine.folder}/outside/a`, 'old')
    mkdirSync(target())
    symlinkSync(`${machine.folder}/outside`, `${target()}/d`)
    put(`${target()}/f/x/y`, 'y')
    await expect(look(machine.shell, wish())).rejects.toThrow(Conflict)
    await converge(machine.shell, wish({ delete: true }))
    expect(snapshot(target())).toEqual({ d: 'd 755', 'd/a': 'f 644 new', f: 'f 644 file' })
    expect(readFileSync(`${machine.folder}/outside/a`, 'utf8')).toBe('old')
  })

  test('a link to a folder where a file should be is replaced, not followed', async () => {
    put(`${from()}/a`, 'new')
    mkdirSync(`${machine.folder}/outside`)
    mkdirSync(target())
    symlinkSync('../outside', `${target()}/a`)
    await converge(machine.shell, wish())
    expect(snapshot(target())).toEqual({ a: 'f 644 new' })
    expect(readdirSync(`${machine.folder}/outside`)).toEqual([])
  })

  test('modes are as told, setgid too, and a directory that is there keeps its own', async () => {
    put(`${from()}/d/a`, 'a')
    mkdirSync(target(), { mode: 0o700 })
    await converge(machine.shell, wish({ fileMode: 0o640, directoryMode: 0o2750 }))
    expect(snapshot(target())).toEqual({ d: 'd 2750', 'd/a': 'f 640 a' })
    expect(statSync(target()).mode & 0o777).toBe(0o700)
    await converge(machine.shell, wish({ fileMode: 0o600 }))
    expect(snapshot(target())).toEqual({ d: 'd 755', 'd/a': 'f 600 a' })
  })

  test('a run that was cut off is completed by the next one', async () => {
    for (let index = 0; index < 50; index += 1) put(`${from()}/d${index % 5}/f${index}`, `${index}`)
    await converge(machine.shell, wish())
    for (let index = 0; index < 50; index += 1) put(`${from()}/d${index % 5}/f${index}`, `new ${index}`)
    const plan = await look(machine.shell, wish())
    if (plan.kind !== 'change') throw new Error('no change')
    // A kill in the middle, as of a host that loses power: no trap runs, and all that the script began is gone.
    const folder = `${machine.folder}/bin`
    mkdirSync(folder)
    const pid = `${machine.folder}/pid`
    writeFileSync(
      `${folder}/mv`,
      `#!/bin/sh\ncase $* in *d2*) kill -s KILL -- "-$(cat '${pid}')";; esac\nexec /bin/mv "$@"\n`,
      { mode: 0o755 },
    )
    writeFileSync(`${machine.folder}/script`, plan.apply.reveal())
    await machine.shell.run(sh`PATH=${folder}:$PATH
setsid -w sh -c 'echo $$ >"$0"; exec sh "$1"' ${pid} ${`${machine.folder}/script`} || :`)
    const half = readdirSync(target(), { recursive: true, encoding: 'utf8' }).filter(
      (name) => /^d\d\/f/.test(name) && readFileSync(`${target()}/${name}`, 'utf8').startsWith('new'),
    )
    expect(half.length % 10).toBe(0)
    expect(half.length).toBeLessThan(50)
    expect(readdirSync(target())).toContain('.quayside-sync')

    const rest = await converge(machine.shell, wish())
    expect(rest.summary).toContain('clear what a run that was cut off left')
    expect(Object.values(snapshot(target())).filter((each) => each.startsWith('f 644 new'))).toHaveLength(50)
    expect(readdirSync(target())).not.toContain('.quayside-sync')
  })

  test('what an earlier run left is cleared even when all else is done', async () => {
    put(`${from()}/a`, 'a')
    await converge(machine.shell, wish())
    mkdirSync(`${target()}/.quayside-sync`)
    expect((await converge(machine.shell, wish())).summary).toBe('clear what a run that was cut off left')
    expect(readdirSync(target())).toEqual(['a'])
  })

  test('a file that changes here between the look and the change is not sent', async () => {
    put(`${from()}/a`, 'a')
    const plan = await look(machine.shell, wish())
    writeFileSync(`${from()}/a`, 'b')
    if (plan.kind !== 'change') throw new Error('no change')
    await expect(apply(machine.shell, plan)).rejects.toThrow('/a changed on this machine since it was read')
    expect(readdirSync(machine.folder)).toEqual([])
  })

  describe('a link that someone put in the way between the look and the change is not followed', () => {
    /** Plans, swaps a folder or file of the tree for a link to the outside, and applies. */
    const raced = async (
      options: Parameters<typeof wish>[0],
      swap: () => void,
    ): Promise<string | undefined> => {
      put(`${machine.folder}/outside/a`, 'theirs')
      put(`${machine.folder}/outside/gone`, 'theirs')
      chmodSync(`${machine.folder}/outside/a`, 0o600)
      const plan = await look(machine.shell, wish(options))
      if (plan.kind !== 'change') throw new Error('no change')
      swap()
      const before = snapshot(`${machine.folder}/outside`)
      const failed = await apply(machine.shell, plan).then(
        () => undefined,
        (error: unknown) => String(error),
      )
      expect(snapshot(`${machine.folder}/outside`)).toEqual(before)
      expect(existsSync(`${target()}/.quayside-sync`)).toBe(false)
      return failed
    }
    const led = (name: string) => {
      rmSync(`${target()}/${name}`, { recursive: true })
      symlinkSync(`${machine.folder}/outside`, `${target()}/${name}`)
    }

    test.each([
      ['a file is sent', {}, (): void => put(`${from()}/d/a`, 'changed')],
      ['a file is removed', { delete: true }, (): void => put(`${target()}/d/gone`, 'old')],
      ['a folder is made', {}, (): void => put(`${from()}/d/new/x`, 'x')],
      ['a mode is set', { fileMode: 0o640 }, (): void => undefined],
    ])('where %s', async (_, options, change) => {
      put(`${from()}/d/a`, 'a')
      await converge(machine.shell, wish())
      change()
      expect(await raced(options, () => led('d'))).toMatch(/d was replaced by a link meanwhile: it is not/)
    })

    test('where the mode of a file itself is set', async () => {
      put(`${from()}/a`, 'a')
      await converge(machine.shell, wish())
      await raced({ fileMode: 0o640 }, () => {
        rmSync(`${target()}/a`)
        symlinkSync(`${machine.folder}/outside/a`, `${target()}/a`)
      })
    })

    test('at the path itself', async () => {
      put(`${from()}/a`, 'a')
      await converge(machine.shell, wish())
      put(`${from()}/b`, 'b')
      const failed = await raced({}, () => {
        rmSync(target(), { recursive: true })
        symlinkSync(`${machine.folder}/outside`, target())
      })
      expect(failed).toContain('was replaced by a link meanwhile')
    })
  })

  test('a link or a file at the path itself, an account that is not there, and too much are said', async () => {
    put(`${from()}/a`, 'a')
    symlinkSync('elsewhere', target())
    await expect(look(machine.shell, wish())).rejects.toThrow('is a link, where a directory should be')
    unlinkSync(target())
    writeFileSync(target(), '')
    await expect(look(machine.shell, wish())).rejects.toThrow('is no directory, where a directory should be')
    unlinkSync(target())
    const strangers = syncDirectory(target(), { from: from(), owner: 'quayside-none' })
    expect(inWords(await look(machine.shell, strangers))).toBe('unknown: there is no user quayside-none')
    const group = syncDirectory(target(), { from: from(), owner: me.owner, group: 'quayside-none' })
    expect(inWords(await look(machine.shell, group))).toBe('unknown: there is no group quayside-none')
    const entries = new Map([
      ['big', { type: 'file', executable: false, size: 65 * 1024 * 1024, sha256: 'f'.repeat(64) } as const],
    ])
    const big = syncDirectory(target(), { from: { folder: '/big', entries, excluded: undefined }, ...me })
    await expect(look(machine.shell, big)).rejects.toThrow(
      /^65 MiB of .* differ from \/big: one run sends 64 MiB at most$/,
    )
  })

  test('looking changes nothing', async () => {
    put(`${from()}/a`, 'a')
    expect((await look(machine.shell, wish({ delete: true }))).kind).toBe('change')
    expect(readdirSync(machine.folder)).toEqual([])
  })

  test('many files are compared in one look that says little when they are equal', async () => {
    for (let index = 0; index < 600; index += 1) {
      const folder = `${from()}/${index % 30}`
      if (index < 30) mkdirSync(folder)
      writeFileSync(`${folder}/${index}`, `${index}`)
    }
    const tree = localTree(pathToFileURL(`${from()}/`))
    expect(tree.entries.size).toBe(630)
    const resource = syncDirectory(target(), { from: tree, ...me })
    await converge(machine.shell, resource)
    const { stdout } = await machine.shell.run(resource.probe)
    expect(stdout).toBe('root=directory\nsame=yes\n')
  })
})

describe('what is no folder to sync is refused', () => {
  test.each([
    [() => syncDirectory('/srv/a', { from: 'pages' }), 'the local folder must be absolute'],
    [() => syncDirectory('srv/a', { from: '/tmp' }), 'path must be absolute'],
    [() => syncDirectory('/etc', { from: '/tmp', delete: true }), '/etc belongs to the system'],
    [() => syncDirectory('/srv/a', { from: '/nonexistent' }), 'ENOENT'],
    [() => syncDirectory('/srv/a', { from: '/dev', exclude: [] }), 'is no file, folder or link: exclude it'],
    [
      () => syncDirectory('/srv/a', { from: import.meta.dirname, fileMode: 0o4755 }),
      'fileMode must be 0o777 at most',
    ],
  ])('row %#', (make, message) => {
    expect(make).toThrow(message)
  })
})
