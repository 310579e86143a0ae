import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { fromCommand, fromEnvironment, fromFile } from '../../../lib/secret/read.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quayside-secret-'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

async function file(content: string, mode = 0o600): Promise<string> {
  const path = join(folder, 'secret')
  await writeFile(path, content)
  await chmod(path, mode)
  return path
}

describe('from_env', () => {
  test('is the variable', () => {
    vi.stubEnv('QUAYSIDE_TEST', 'hunter2')
    expect(fromEnvironment('QUAYSIDE_TEST')).toBe('hunter2')
  })
  test.each([
    [undefined, 'the environment variable QUAYSIDE_TEST is not set'],
    ['', 'the environment variable QUAYSIDE_TEST is empty'],
  ])('%j is refused', (value, message) => {
    vi.stubEnv('QUAYSIDE_TEST', value)
    expect(() => fromEnvironment('QUAYSIDE_TEST')).toThrow(
      expect.objectContaining({ message, hint: 'export QUAYSIDE_TEST=…', exitCode: 2 }),
    )
  })
})

describe('from_file', () => {
  test.each([
    ['hunter2\n', 'hunter2'],
    ['hunter2\r\n', 'hunter2'],
    ['two\nlines\n\n', 'two\nlines\n'],
    [' hunter2 ', ' hunter2 '],
  ])('%j is %j', async (content, value) => {
    expect(await fromFile(await file(content))).toBe(value)
  })
  test('the group may read it, everybody may not', async () => {
    expect(await fromFile(await file('hunter2', 0o640))).toBe('hunter2')
    const path = await file('hunter2', 0o644)
    await expect(fromFile(path)).rejects.toMatchObject({
      message: `every user of this machine can read ${path}`,
      hint: `chmod 600 ${path}`,
    })
  })
  test('everybody may read a certificate, but not with its key', async () => {
    const certificate = '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----'
    expect(await fromFile(await file(certificate, 0o644))).toBe(certificate)
    await expect(fromFile(await file(`${certificate}\n-----BEGIN PRIVATE KEY-----`, 0o644))).rejects.toThrow(
      'every user',
    )
  })
  test('missing, empty, a folder', async () => {
    await expect(fromFile(join(folder, 'none'))).rejects.toThrow(`${folder}/none does not exist`)
    await expect(fromFile(await file('\n'))).rejects.toThrow('is empty')
    await chmod(folder, 0o700)
    await expect(fromFile(folder)).rejects.toThrow(/cannot be read \(EISDIR\)/)
  })
})

describe('from_command', () => {
  test('is what the program prints, without its last newline', async () => {
    expect(await fromCommand(['printf', 'a\nb\n\n'], folder)).toBe('a\nb\n')
  })
  test('no shell sees the arguments, and the folder is the inventory’s', async () => {
    expect(await fromCommand(['echo', '$HOME', ';', 'id'], folder)).toBe('$HOME ; id')
    await file('hunter2')
    expect(await fromCommand(['cat', 'secret'], folder)).toBe('hunter2')
  })
  test.each([
    [
      ['sh', '-c', 'echo locked >&2; echo more >&2; echo hunter2; exit 3'],
      'sh failed with exit code 3: locked',
    ],
    [['sh', '-c', 'exit 1'], 'sh failed with exit code 1'],
    [['sh', '-c', 'kill -9 $$'], 'sh failed (SIGKILL)'],
    [['true'], 'true printed nothing'],
    [['quayside-no-such-program', 'x'], 'the program quayside-no-such-program is not installed'],
    [['head', '-c', '2000000', '/dev/zero'], 'head printed more than 1 MiB'],
  ])('%j', async (argv, message) => {
    const error: unknown = await fromCommand(argv, folder).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ message })
    // Node's own error repeats the command line, which may hold a secret.
    expect(error).not.toHaveProperty('cause')
  })
  test('a program that waits for input gets an end of file', async () => {
    await expect(fromCommand(['cat'], folder)).rejects.toThrow('cat printed nothing')
  })
})
